// Film grain from a seed: the same seed and size give the same grain. It owns how grain looks, not how strong it is.
import { createCipheriv, createHash } from 'node:crypto';
import sharp from 'sharp';

/**
 * A layer of monochrome noise around mid-grey for an overlay blend.
 *
 * sharp's own noise cannot be seeded, so the noise is the key stream of a cipher: uniform bytes, made at native speed.
 * A small blur makes clumps of them, nearly normally distributed and of the same size relative to any picture.
 *
 * @param amount above 0 up to 1: the standard deviation of the layer is `amount` times about 34 of 255.
 * @returns raw single-channel pixels, `width` x `height`.
 */
export async function makeGrain(
  width: number,
  height: number,
  amount: number,
  seed: number,
): Promise<Buffer> {
  // Below 0.6 the blur would do nothing.
  const clumpSigma = Math.max(0.6, (0.75 * Math.max(width, height)) / 1024);
  // Uniform bytes deviate by 255 / sqrt(12) = 73.6, and the blur averages about 4 pi sigma^2 of them.
  const deviation = 73.6 / Math.sqrt(Math.max(1, 4 * Math.PI * clumpSigma ** 2));
  const gain = (34 * amount) / deviation;
  return await sharp(uniformBytes(width * height, seed), { raw: { width, height, channels: 1 } })
    .blur(clumpSigma)
    .linear(gain, 128 - 127.5 * gain)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

function uniformBytes(length: number, seed: number): Buffer {
  const key = createHash('sha256').update(`grain ${seed}`).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
