// Sizes of what is decoded, and encoding. What becomes of files of every kind is image-corpus.test.ts's.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError } from '@impasto/shared';
import sharp from 'sharp';
import { gradient, openPixels, withAlpha } from '../testing/pictures/gradient.ts';
import { type Decoded, decode, encode } from './images.ts';

function decodeWhole(encoded: Uint8Array): Promise<Decoded> {
  return decode(encoded, 'content image', { longerSidePixels: 1024, enlarge: false });
}

function furthest(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? 0))), 0);
}

function meanDistance(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

async function assertRefused(encoded: Uint8Array, code: string): Promise<void> {
  await assert.rejects(decodeWhole(encoded), (error) => {
    assert.ok(error instanceof JobError);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /content image/);
    return true;
  });
}

describe('decode: size', () => {
  it('the longer side is brought down, and never up unless asked', async () => {
    const encoded = await openPixels(gradient).png().toBuffer();
    const sizes = [
      { longerSidePixels: 32, enlarge: false },
      { longerSidePixels: 128, enlarge: false },
      { longerSidePixels: 128, enlarge: true },
    ];
    const decoded = await Promise.all(sizes.map((size) => decode(encoded, 'style image', size)));
    assert.deepEqual(
      decoded.map(({ pixels }) => [pixels.width, pixels.height, pixels.data.length]),
      [
        [32, 24, 32 * 24 * 3],
        [64, 48, 64 * 48 * 3],
        [128, 96, 128 * 96 * 3],
      ],
    );
  });

  it('hidden colours do not bleed into their neighbours when the size changes', async () => {
    const encoded = await withAlpha((x) => (x < 32 ? 0 : 255))
      .png()
      .toBuffer();
    const { pixels, alpha } = await decode(encoded, 'content image', {
      longerSidePixels: 32,
      enlarge: false,
    });
    assert.deepEqual([alpha?.length, alpha?.[0], alpha?.[31]], [32 * 24, 0, 255]);
    assert.deepEqual([...pixels.data.subarray(0, 3)], [255, 255, 255]);
  });

  it('more than 50 million pixels are too_many_pixels', async () => {
    const create = { width: 7100, height: 7100, channels: 3 as const, background: 'white' };
    const png = await sharp({ create }).toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer();
    await assertRefused(png, 'too_many_pixels');
  });
});

describe('encode', () => {
  it('a png holds the very pixels', async () => {
    const { pixels, alpha } = await decodeWhole(
      await encode(gradient, undefined, { format: 'png', quality: 90 }),
    );
    assert.deepEqual([furthest(pixels.data, gradient.data), alpha], [0, undefined]);
  });

  it('jpeg and webp are close to the pixels, and closer with more quality', async () => {
    for (const format of ['jpeg', 'webp'] as const) {
      const coarse = await decodeWhole(await encode(gradient, undefined, { format, quality: 20 }));
      const fine = await decodeWhole(await encode(gradient, undefined, { format, quality: 95 }));
      const distances = [fine, coarse].map(({ pixels }) => meanDistance(pixels.data, gradient.data));
      assert.ok((distances[0] ?? 9) < 3 && (distances[0] ?? 9) < (distances[1] ?? 0), String(distances));
    }
  });

  it('alpha goes back on a png and a webp', async () => {
    const { pixels, alpha } = await decodeWhole(
      await withAlpha((x) => x * 4)
        .png()
        .toBuffer(),
    );
    for (const format of ['png', 'webp'] as const) {
      const again = await decodeWhole(await encode(pixels, alpha, { format, quality: 100 }));
      assert.deepEqual(again.alpha, alpha);
      assert.ok(meanDistance(again.pixels.data, pixels.data) <= (format === 'png' ? 0 : 3));
    }
  });

  it('half-transparent pixels keep their own colour instead of a white veil', async () => {
    const { pixels, alpha } = await decodeWhole(
      await withAlpha(() => 128)
        .png()
        .toBuffer(),
    );
    const encoded = await encode(pixels, alpha, { format: 'png', quality: 90 });
    assert.equal(furthest(await sharp(encoded).removeAlpha().raw().toBuffer(), gradient.data), 0);
  });

  it('a jpeg shows transparent places on white', async () => {
    const { pixels, alpha } = await decodeWhole(
      await withAlpha((x) => (x < 32 ? 0 : 255))
        .png()
        .toBuffer(),
    );
    const again = await decodeWhole(await encode(pixels, alpha, { format: 'jpeg', quality: 95 }));
    assert.equal(again.alpha, undefined);
    assert.ok((again.pixels.data[0] ?? 0) > 250);
  });

  it('a result carries no metadata', async () => {
    for (const format of ['png', 'jpeg', 'webp'] as const) {
      const facts = await sharp(await encode(gradient, undefined, { format, quality: 90 })).metadata();
      assert.equal(facts.format, format);
      const metadata = { exif: facts.exif, icc: facts.icc, xmp: facts.xmp, iptc: facts.iptc };
      assert.deepEqual(metadata, { exif: undefined, icc: undefined, xmp: undefined, iptc: undefined });
    }
  });
});
