import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { makeThumbnail, thumbnailSidePixels } from './thumbnail.ts';

/** A picture of one colour. */
function plain(width: number, height: number, [red, green, blue]: readonly [number, number, number]) {
  const data = Buffer.alloc(width * height * 3);
  for (let at = 0; at < data.length; at += 3) data.set([red, green, blue], at);
  return { data, width, height };
}

async function corner(image: Uint8Array): Promise<number[]> {
  const rgba = await sharp(image).ensureAlpha().raw().toBuffer();
  return [...rgba.subarray(0, 4)];
}

describe('a thumbnail', () => {
  it('has at most 256 pixels on the longer side, the aspect of its picture, and is never larger', async () => {
    const sizes = [
      [1024, 512, 256, 128],
      [300, 1200, 64, 256],
      [4096, 16, 256, 1],
      [100, 60, 100, 60],
    ] as const;
    for (const [width, height, ...expected] of sizes) {
      const { image, ...size } = await makeThumbnail(plain(width, height, [10, 20, 30]), undefined, 'png');
      assert.deepEqual([size.width, size.height], expected);
      const metadata = await sharp(image).metadata();
      assert.deepEqual([metadata.format, metadata.width, metadata.height], ['webp', ...expected]);
      assert.ok(Math.max(size.width, size.height) <= thumbnailSidePixels);
    }
  });

  it('carries no metadata', async () => {
    const { image } = await makeThumbnail(plain(400, 300, [10, 20, 30]), undefined, 'jpeg');
    const { exif, icc, xmp, iptc } = await sharp(image).metadata();
    assert.deepEqual([exif, icc, xmp, iptc], [undefined, undefined, undefined, undefined]);
  });

  it('is transparent where its picture is, and white there where its format knows no transparency', async () => {
    const black = plain(512, 512, [0, 0, 0]);
    const clear = new Uint8Array(512 * 512);
    for (const format of ['png', 'webp'] as const) {
      const { image } = await makeThumbnail(black, clear, format);
      assert.equal((await corner(image))[3], 0, format);
    }
    assert.deepEqual(await corner((await makeThumbnail(black, clear, 'jpeg')).image), [255, 255, 255, 255]);
  });
});
