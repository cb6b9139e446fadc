// Pictures of several frames or pages.
import { pngChunk, pngHeader, pngOf, pngPixels } from '@impasto/shared/testing/pictures';
import sharp from 'sharp';

/** Frames of 20 x 20 pixels, each of one colour: an animation, or a set of pages. */
export async function flatFrames(backgrounds: readonly string[], format: 'webp' | 'tiff'): Promise<Buffer> {
  const frame = (background: string) =>
    sharp({ create: { width: 20, height: 20, channels: 3, background } })
      .png()
      .toBuffer();
  const frames = await Promise.all(backgrounds.map(frame));
  return sharp(frames, { join: { animated: true } })
    .toFormat(format)
    .toBuffer();
}

/** A PNG (third edition) of two grey frames; who knows no animation sees the first. */
export function animatedPng(side: number, first: number, second: number): Buffer {
  const pixels = (level: number) => pngPixels(side, () => new Uint8Array(side).fill(level));
  const secondData = pixels(second).subarray(8, -4);
  return pngOf(
    pngHeader({ width: side, height: side }),
    pngChunk('acTL', numbers(2, 0)),
    frameControl(0, side),
    pixels(first),
    frameControl(1, side),
    pngChunk('fdAT', Buffer.concat([numbers(2), secondData])),
  );
}

/** A whole frame, shown for a tenth of a second. */
function frameControl(sequence: number, side: number): Buffer {
  const data = Buffer.concat([numbers(sequence, side, side, 0, 0), Buffer.from([0, 1, 0, 10, 0, 0])]);
  return pngChunk('fcTL', data);
}

function numbers(...values: readonly number[]): Buffer {
  const data = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) data.writeUInt32BE(value, index * 4);
  return data;
}
