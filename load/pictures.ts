// Bodies of submissions: our sample pictures, small enough that a model takes milliseconds for them, and noise, which
// nothing makes smaller.
import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

/** The JSON of a submission of our landscape in the style of our waves, both of `side` pixels. */
export async function sampleBody(side: number): Promise<string> {
  const [content, style] = await Promise.all(
    ['landscape.jpg', 'style-waves.jpg'].map(async (name) => {
      const file = await readFile(new URL(`../samples/${name}`, import.meta.url));
      return await sharp(file).resize(side).jpeg({ quality: 90 }).toBuffer();
    }),
  );
  return bodyOf(content, style, side);
}

/** The JSON of a submission of two pictures of a little under `bytes` each, painted at `maxSide` pixels. */
export async function noiseBody(bytes: number, maxSide: number): Promise<string> {
  return bodyOf(await noisePicture(bytes), await noisePicture(bytes), maxSide);
}

/** What a PNG needs beside its pixels, at most, as a share of them. */
const overheadShare = 0.002;

/** A square PNG without compression: its size in bytes follows from its size in pixels. */
export async function noisePicture(bytes: number): Promise<Buffer> {
  const side = Math.floor(Math.sqrt((bytes * (1 - overheadShare)) / 3));
  const pixels = randomFillSync(Buffer.allocUnsafe(3 * side * side));
  return await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

function bodyOf(content: Buffer | undefined, style: Buffer | undefined, maxSide: number): string {
  return JSON.stringify({
    content_image: content?.toString('base64'),
    style_image: style?.toString('base64'),
    max_side: maxSide,
    // The same two pictures again and again are to be painted each time.
    no_cache: true,
  });
}
