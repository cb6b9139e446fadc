// The picture that most others are made of: every place has its own colour, so that whatever a file's format, colour
// model or orientation does to it shows.
import sharp, { type Sharp } from 'sharp';
import type { Pixels } from '../../engine/pixels.ts';

const width = 64;
const height = 48;

/** 64 x 48; red grows to the right, green downwards, blue is even. */
export const gradient: Pixels = { data: gradientData(), width, height };
/** Its red channel in all three. */
export const greyGradient: Pixels = { data: greyOf(gradient), width, height };

function gradientData(): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.set([x * 4, y * 5, 128], (y * width + x) * 3);
  }
  return data;
}

function greyOf(pixels: Pixels): Uint8Array {
  return pixels.data.map((_, at) => pixels.data[at - (at % 3)] ?? 0);
}

export function openPixels(pixels: Pixels): Sharp {
  return sharp(pixels.data, { raw: { width: pixels.width, height: pixels.height, channels: 3 } });
}

/** A picture of 64 x 48 with an alpha channel that is the same in every row. */
export function withAlpha(alphaAt: (x: number) => number, pixels = gradient): Sharp {
  const data = new Uint8Array(width * height * 4);
  alphaOf(alphaAt).forEach((alpha, at) => {
    data.set([...pixels.data.subarray(at * 3, at * 3 + 3), alpha], at * 4);
  });
  return sharp(data, { raw: { width, height, channels: 4 } });
}

/** The alpha channel alone, one byte a pixel. */
export function alphaOf(alphaAt: (x: number) => number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, at) => alphaAt(at % width));
}

/** What such a picture shows: white where everything is transparent. */
export function whereVisible(alphaAt: (x: number) => number, pixels = gradient): Pixels {
  const alpha = alphaOf(alphaAt);
  const data = pixels.data.map((value, at) => (alpha[Math.floor(at / 3)] === 0 ? 255 : value));
  return { ...pixels, data };
}

/** A square of one colour. */
export function flatPixels(side: number, rgb: readonly [number, number, number]): Pixels {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, at) => rgb[at % 3] ?? 0);
  return { data, width: side, height: side };
}

/** Noise, other pixels each time: large files, of which a part can be cut or changed. */
export function noise(size = { width: 300, height: 200 }): Sharp {
  return sharp({
    create: {
      ...size,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });
}
