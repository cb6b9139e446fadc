// A picture of linear light in floats while it is drawn, and its way to a JPEG.
import sharp from 'sharp';
import { clamp } from './noise.ts';

/** `width` x `height` x 3 floats, rows from the top, linear light: 0 black, 1 white, more is brighter than white. */
export type Picture = { width: number; height: number; data: Float32Array };

/** Red, green, blue as linear light. */
export type Colour = readonly [number, number, number];

/** A black picture. */
export function makePicture(width: number, height: number): Picture {
  return { width, height, data: new Float32Array(width * height * 3) };
}

/** Lays a colour over one pixel; `cover` is 0 (nothing) to 1 (hides what was there). */
export function blend(picture: Picture, pixel: number, colour: Colour, cover: number): void {
  const { data } = picture;
  for (let channel = 0; channel < 3; channel++) {
    const i = pixel * 3 + channel;
    const old = data[i] ?? 0;
    data[i] = old + ((colour[channel] ?? 0) - old) * cover;
  }
}

/** The linear colour of a CSS-like hex triple such as `#c8553d` (sRGB, IEC 61966-2-1). */
export function colourOf(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  const channel = (shift: number): number => {
    const v = ((value >> shift) & 255) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  };
  return [channel(16), channel(8), channel(0)];
}

/** `a` (t = 0) to `b` (t = 1). */
export function mixColours(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** The colour made brighter (above 1) or darker. */
export function scaleColour(c: Colour, by: number): Colour {
  return [c[0] * by, c[1] * by, c[2] * by];
}

/** sRGB bytes of a picture, three per pixel. */
export function toBytes(picture: Picture): Uint8Array {
  const bytes = new Uint8Array(picture.data.length);
  for (let i = 0; i < bytes.length; i++) {
    const v = clamp(picture.data[i] ?? 0, 0, 1);
    bytes[i] = Math.round(255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055));
  }
  return bytes;
}

/** A JPEG of the picture, resized to `width` x `height` (drawing larger and shrinking smooths edges). */
export async function encodeJpeg(
  picture: Picture,
  width: number,
  height: number,
  quality: number,
): Promise<Buffer> {
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  return sharp(toBytes(picture), { raw })
    .resize(width, height, { kernel: 'lanczos3' })
    .jpeg({ quality, chromaSubsampling: '4:4:4', mozjpeg: true })
    .toBuffer();
}
