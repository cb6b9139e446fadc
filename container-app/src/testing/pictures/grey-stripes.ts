// Grey PNGs of 16 x 16 pixels and two halves, in sample types that sharp does not write, and what they show.
import { pngChunk, pngHeader, pngOf, pngPixels } from '@impasto/shared/testing/pictures';
import type { Decoded } from '../../engine/images.ts';

/** 16 x 16, the left half of one grey and the right half of another. */
export function stripes(left: number, right: number, leftAlpha = 255): Decoded {
  const side = 16;
  const isLeft = (at: number) => at % side < side / 2;
  const data = Uint8Array.from({ length: side * side * 3 }, (_, at) =>
    isLeft(Math.floor(at / 3)) ? left : right,
  );
  const pixels = { data, width: side, height: side };
  if (leftAlpha === 255) return { pixels };
  return {
    pixels,
    alpha: Uint8Array.from({ length: side * side }, (_, at) => (isLeft(at) ? leftAlpha : 255)),
  };
}

export function oneBitPng(): Buffer {
  return pngOf(
    pngHeader({ width: 16, height: 16, bitDepth: 1 }),
    pngPixels(16, () => Uint8Array.of(0x00, 0xff)),
  );
}

export function greyWithTransparentLevel(): Buffer {
  const row = Uint8Array.from({ length: 16 }, (_, x) => (x < 8 ? 7 : 200));
  return pngOf(
    pngHeader({ width: 16, height: 16 }),
    pngChunk('tRNS', Buffer.from([0, 7])),
    pngPixels(16, () => row),
  );
}
