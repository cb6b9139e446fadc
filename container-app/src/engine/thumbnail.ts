// The small picture beside a result, for a gallery: made from the same pixels, before they are encoded.
import type { OutputFormat } from '@impasto/shared';
import sharp from 'sharp';
import { encode } from './images.ts';
import type { Pixels } from './pixels.ts';
import { resize } from './resize.ts';

export const thumbnailSidePixels = 256;
const quality = 80;

/** An encoded WebP. */
export interface Thumbnail {
  readonly image: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * At most `thumbnailSidePixels` on the longer side, never larger than the picture, without any metadata.
 * @param alpha one byte a pixel; shown on white where the result's format is one that does so.
 */
export async function makeThumbnail(
  pixels: Pixels,
  alpha: Uint8Array | undefined,
  resultFormat: OutputFormat,
): Promise<Thumbnail> {
  const { width, height } = pixels;
  const scale = Math.min(1, thumbnailSidePixels / Math.max(width, height));
  const size = { width: shorten(width, scale), height: shorten(height, scale) };
  const small = await resize(pixels, size);
  const smallAlpha = alpha && (await resizeAlpha(alpha, pixels, size));
  const onWhite = resultFormat === 'jpeg';
  return { image: await encode(small, smallAlpha, { format: 'webp', quality, onWhite }), ...size };
}

function shorten(side: number, scale: number): number {
  return Math.max(1, Math.round(side * scale));
}

function resizeAlpha(
  alpha: Uint8Array,
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  size: Pick<Pixels, 'width' | 'height'>,
): Promise<Uint8Array> {
  const image = sharp(alpha, { raw: { width, height, channels: 1 } });
  return image
    .resize({ ...size, fit: 'fill' })
    .extractChannel(0)
    .raw()
    .toBuffer();
}
