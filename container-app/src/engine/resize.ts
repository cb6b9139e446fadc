// Changes the size of pictures inside the engine. It owns how an enlarged painting stays crisp.
import sharp, { type Sharp } from 'sharp';
import type { Blender } from './blend.ts';
import type { Pixels } from './pixels.ts';
import type { Size } from './plan.ts';

/** Resizes with Lanczos to exactly this size; a picture that has it already is returned itself. */
export async function resize(pixels: Pixels, { width, height }: Size): Promise<Pixels> {
  if (pixels.width === width && pixels.height === height) return pixels;
  return toPixels(open(pixels).resize({ width, height, fit: 'fill', kernel: 'lanczos3' }));
}

/**
 * Brings a painting to the result's size. Networks leave a faint weave of single pixels, which would be enlarged to
 * dots: a median takes it away and leaves edges, which are sharpened afterwards. Both come in with the enlargement.
 */
export async function resizePainting(painting: Pixels, size: Size, blender: Blender): Promise<Pixels> {
  const enlargement = Math.max(size.width / painting.width, size.height / painting.height) - 1;
  if (enlargement <= 0) return resize(painting, size);
  const smooth = await toPixels(open(painting).median(3));
  const clean = await blender.blend(painting, smooth, { keep: 0, mix: Math.min(1, 4 * enlargement) });
  const { width, height } = size;
  const larger = open(clean).resize({ width, height, fit: 'fill', kernel: 'lanczos3' });
  return toPixels(larger.convolve(sharpening(Math.min(1, enlargement))));
}

/** Unsharp mask in one kernel: the picture, and `amount` times its difference from a blur of 1.2 pixels. */
function sharpening(amount: number) {
  const bell = [-2, -1, 0, 1, 2].map((x) => Math.exp(-(x * x) / (2 * 1.2 ** 2)));
  const total = bell.reduce((sum, value) => sum + value) ** 2;
  const kernel = bell.flatMap((row) => bell.map((column) => (-amount * row * column) / total));
  const centre = 12;
  return { width: 5, height: 5, scale: 1, kernel: kernel.with(centre, (kernel[centre] ?? 0) + 1 + amount) };
}

function open({ data, width, height }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function toPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
