// Small files that unpack to much: they are made at their full size, so that they are made rarely.
import { deflateSync } from 'node:zlib';
import {
  pngChunk,
  pngHeader,
  pngOf,
  pngPixels,
  tinyPng,
  withPngChunks,
} from '@impasto/shared/testing/pictures';

/** A small PNG with 200 MB of text, or of colour profile, in 200 kB. */
export function bombChunk(type: 'zTXt' | 'iCCP'): Buffer {
  const packed = deflateSync(Buffer.alloc(200_000_000), { level: 1 });
  return withPngChunks(tinyPng(32, 32), pngChunk(type, Buffer.concat([Buffer.from('bomb\0\0'), packed])));
}

/** An RGBA PNG of 7064 x 7064 pixels, 200 MB of them, that are all of one grey. */
export function fiftyMegapixels(level: number): Buffer {
  const side = 7064;
  const row = new Uint8Array(side * 4).fill(level);
  return pngOf(
    pngHeader({ width: side, height: side, colourType: 6 }),
    pngPixels(side, () => row),
  );
}
