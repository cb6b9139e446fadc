import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobError } from '@impasto/shared';
import sharp, { type Sharp } from 'sharp';
import { type Decoded, decode, encode } from './images.ts';
import type { Pixels } from './pixels.ts';

const width = 64;
const height = 48;

/** Red grows to the right, green downwards, blue is even: every place has its own colour. */
function gradient(): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.set([x * 4, y * 5, 128], (y * width + x) * 3);
  }
  return { data, width, height };
}

const picture = gradient();
const grey = greyOf(picture);

function open(pixels: Pixels): Sharp {
  return sharp(pixels.data, { raw: { width: pixels.width, height: pixels.height, channels: 3 } });
}

function greyOf(pixels: Pixels): Uint8Array {
  return pixels.data.map((_, at) => pixels.data[at - (at % 3)] ?? 0);
}

function withAlpha(alphaAt: (x: number) => number): Sharp {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    data.set(picture.data.subarray(at * 3, at * 3 + 3), at * 4);
    data[at * 4 + 3] = alphaAt(at % width);
  }
  return sharp(data, { raw: { width, height, channels: 4 } });
}

/** A grey TIFF of 32-bit integers, which sharp does not write: header, one strip of pixels, directory (TIFF 6.0). */
function tiffOfIntegers(across: number, down: number): Buffer {
  const pixels = across * down * 4;
  const tags = [
    [256, across], // ImageWidth
    [257, down], // ImageLength
    [258, 32], // BitsPerSample
    [259, 1], // Compression: none
    [262, 1], // PhotometricInterpretation: black is zero
    [273, 8], // StripOffsets
    [277, 1], // SamplesPerPixel
    [278, down], // RowsPerStrip
    [279, pixels], // StripByteCounts
  ] as const;
  const file = Buffer.alloc(8 + pixels + 2 + tags.length * 12 + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8 + pixels, 4);
  file.writeUInt16LE(tags.length, 8 + pixels);
  tags.forEach(([tag, value], index) => {
    const at = 8 + pixels + 2 + index * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(4, at + 2); // a LONG
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
  });
  return file;
}

function noise(): Sharp {
  return sharp({
    create: {
      width: 300,
      height: 200,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });
}

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

async function assertSame(encoded: Uint8Array, most: number, expected = picture.data): Promise<void> {
  const { pixels, alpha } = await decodeWhole(encoded);
  assert.deepEqual([pixels.width, pixels.height, alpha], [width, height, undefined]);
  const distance = meanDistance(pixels.data, expected);
  assert.ok(distance <= most, `the pixels are ${distance} levels off on average`);
}

async function assertRefused(encoded: Uint8Array, code: string): Promise<void> {
  await assert.rejects(decodeWhole(encoded), (error) => {
    assert.ok(error instanceof JobError);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /content image/);
    return true;
  });
}

describe('decode: what must work', () => {
  const lossless: Record<string, () => Promise<Uint8Array>> = {
    'an 8-bit PNG': () => open(picture).png().toBuffer(),
    'an interlaced PNG': () => open(picture).png({ progressive: true }).toBuffer(),
    'a 16-bit PNG': () => open(picture).toColourspace('rgb16').png().toBuffer(),
    'a PNG with an opaque alpha channel': () => open(picture).ensureAlpha().png().toBuffer(),
    'a lossless WebP': () => open(picture).webp({ lossless: true }).toBuffer(),
    'a TIFF': () => open(picture).tiff({ compression: 'lzw' }).toBuffer(),
    'a PNG with a ZIP behind it': async () =>
      Buffer.concat([await open(picture).png().toBuffer(), Buffer.from('PK\x03\x04 and more')]),
  };
  for (const [name, make] of Object.entries(lossless)) {
    it(`${name} comes out byte for byte`, async () => {
      await assertSame(await make(), 0);
    });
  }

  const lossy: Record<string, () => Promise<Uint8Array>> = {
    'a JPEG': () => open(picture).jpeg({ quality: 95 }).toBuffer(),
    'a progressive JPEG': () => open(picture).jpeg({ quality: 95, progressive: true }).toBuffer(),
    'a JPEG with a script behind it': async () =>
      Buffer.concat([await open(picture).jpeg({ quality: 95 }).toBuffer(), Buffer.from('<?php ?>')]),
    'a JPEG with a bogus ICC profile': async () => {
      const jpeg = await open(picture).jpeg({ quality: 95 }).toBuffer();
      const profile = Buffer.concat([
        Buffer.from('\xff\xe2\x00\x72ICC_PROFILE\0\x01\x01', 'latin1'),
        Buffer.alloc(98, 65),
      ]);
      return Buffer.concat([jpeg.subarray(0, 2), profile, jpeg.subarray(2)]);
    },
    'an AVIF': () => open(picture).avif({ quality: 90, effort: 2 }).toBuffer(),
    'a 10-bit AVIF': () => open(picture).avif({ quality: 90, bitdepth: 10, effort: 2 }).toBuffer(),
    'a float TIFF': () => open(picture).toColourspace('scrgb').tiff({ compression: 'lzw' }).toBuffer(),
    'a Display P3 PNG': () => open(picture).withIccProfile('p3').png().toBuffer(),
    'a palette PNG': () => open(picture).png({ palette: true, dither: 0 }).toBuffer(),
    'a GIF': () => open(picture).gif({ dither: 0 }).toBuffer(),
  };
  for (const [name, make] of Object.entries(lossy)) {
    it(`${name} comes out with its colours`, async () => {
      await assertSame(await make(), 5);
    });
  }

  it('a TIFF of 32-bit integers, whose white nobody knows, is refused and not guessed at', async () => {
    const encoded = tiffOfIntegers(20, 16);
    assert.equal((await sharp(encoded).metadata()).depth, 'uint');
    await assert.rejects(
      decode(encoded, 'content image', { longerSidePixels: 64, enlarge: false }),
      /type uint/,
    );
  });

  it('a CMYK JPEG comes out as the RGB that it prints', async () => {
    const cmyk = await open(picture).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    assert.equal((await sharp(cmyk).metadata()).channels, 4);
    const { pixels, alpha } = await decodeWhole(cmyk);
    assert.equal(alpha, undefined);
    // Ink cannot print every colour: the corners of the gradient move.
    assert.ok(meanDistance(pixels.data, picture.data) < 15);
  });

  it('a grey picture, 8-bit, 16-bit or 1-bit, comes out as equal channels', async () => {
    const red = open({ data: grey, width, height });
    await assertSame(await red.clone().toColourspace('b-w').png().toBuffer(), 0.5, grey);
    await assertSame(await red.clone().toColourspace('grey16').png().toBuffer(), 0.5, grey);
    const blackAndWhite = grey.map((value) => (value >= 128 ? 255 : 0));
    const oneBit = red.clone().threshold(128).toColourspace('b-w').tiff({ bitdepth: 1 });
    await assertSame(await oneBit.toBuffer(), 0, blackAndWhite);
  });

  it('grey with alpha comes out as equal channels and the alpha', async () => {
    const encoded = await withAlpha((x) => x * 4)
      .toColourspace('b-w')
      .png()
      .toBuffer();
    assert.equal((await sharp(encoded).metadata()).channels, 2);
    const { pixels, alpha } = await decodeWhole(encoded);
    assert.equal(furthest(pixels.data, greyOf(pixels)), 0);
    assert.deepEqual(alpha?.subarray(0, 3), Buffer.from([0, 4, 8]));
  });

  it('transparent pixels are white, whatever colour they hide', async () => {
    const { pixels, alpha } = await decodeWhole(
      await withAlpha((x) => (x < 32 ? 0 : 255))
        .png()
        .toBuffer(),
    );
    assert.deepEqual([...pixels.data.subarray(0, 3)], [255, 255, 255]);
    assert.deepEqual([...pixels.data.subarray(32 * 3, 32 * 3 + 3)], [128, 0, 128]);
    assert.deepEqual([alpha?.length, alpha?.[0], alpha?.[32]], [width * height, 0, 255]);
  });

  it('a palette with a transparent entry comes out with its alpha', async () => {
    const encoded = await withAlpha((x) => (x < 32 ? 0 : 255))
      .png({ palette: true, dither: 0 })
      .toBuffer();
    const { pixels, alpha } = await decodeWhole(encoded);
    assert.deepEqual([...pixels.data.subarray(0, 3)], [255, 255, 255]);
    assert.deepEqual([alpha?.[0], alpha?.[32]], [0, 255]);
  });

  it('every EXIF orientation is turned upright', async () => {
    const turned: Record<number, (image: Sharp) => Sharp> = {
      // sharp mirrors before it rotates.
      1: (image) => image,
      2: (image) => image.flop(),
      3: (image) => image.rotate(180),
      4: (image) => image.flip(),
      5: (image) => image.flip().rotate(90),
      6: (image) => image.rotate(270),
      7: (image) => image.flop().rotate(90),
      8: (image) => image.rotate(90),
    };
    for (const [orientation, turn] of Object.entries(turned)) {
      const lying = await turn(open(picture)).png().toBuffer();
      const encoded = await sharp(lying)
        .withMetadata({ orientation: Number(orientation) })
        .png()
        .toBuffer();
      await assertSame(encoded, 0);
    }
  });

  it('an orientation that does not exist is passed over', async () => {
    const jpeg = await open(picture).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
    const tag = jpeg.indexOf(Buffer.from([0x01, 0x12, 0x00, 0x03])) + 8;
    const littleEndianTag = jpeg.indexOf(Buffer.from([0x12, 0x01, 0x03, 0x00])) + 8;
    jpeg.writeUInt16LE(99, tag > 8 ? tag : littleEndianTag);
    await assertSame(jpeg, 5);
  });

  it('of an animation the first frame is taken', async () => {
    const frames = ['red', 'lime', 'blue'].map((background) => ({
      create: { width: 20, height: 20, channels: 3 as const, background },
    }));
    const pngs = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
    for (const format of ['gif', 'webp'] as const) {
      const { pixels } = await decodeWhole(
        await sharp(pngs, { join: { animated: true } })
          .toFormat(format)
          .toBuffer(),
      );
      assert.deepEqual([pixels.width, pixels.height], [20, 20]);
      assert.ok(furthest(pixels.data.subarray(0, 3), Uint8Array.of(255, 0, 0)) <= 3);
    }
  });

  it('a damaged place inside a JPEG does not stop it', async () => {
    const jpeg = await noise().jpeg().toBuffer();
    const middle = jpeg.length >> 1;
    jpeg.fill(0, middle, middle + 200);
    assert.equal((await decodeWhole(jpeg)).pixels.width, 300);
  });
});

describe('decode: size', () => {
  it('the longer side is brought down, and never up unless asked', async () => {
    const encoded = await open(picture).png().toBuffer();
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
});

describe('decode: what must fail', () => {
  it('a cut file is image_corrupt', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
      const whole = await noise().toFormat(format).toBuffer();
      await assertRefused(whole.subarray(0, whole.length >> 1), 'image_corrupt');
    }
  });

  it('a JPEG without its last two bytes is image_corrupt', async () => {
    await assertRefused((await open(picture).jpeg().toBuffer()).subarray(0, -2), 'image_corrupt');
    await assertRefused((await noise().jpeg().toBuffer()).subarray(0, -2), 'image_corrupt');
  });

  it('a PNG with one wrong bit is image_corrupt, and the message names the picture and the reason', async () => {
    const png = await noise().png().toBuffer();
    png[png.length >> 1] = (png[png.length >> 1] ?? 0) ^ 1;
    const style = decode(png, 'style image', { longerSidePixels: 64, enlarge: true });
    await assert.rejects(style, { code: 'image_corrupt', message: /style image.*libpng read error/ });
  });

  it('SVG, PDF and other formats are unsupported_image_format', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><rect width="9" height="9"/></svg>';
    for (const text of [
      svg,
      `<?xml version="1.0"?>${svg}`,
      '%PDF-1.4\n',
      'P6\n1 1\n255\nabc',
      'no picture at all',
    ]) {
      await assertRefused(Buffer.from(text), 'unsupported_image_format');
    }
  });

  it('more than 50 million pixels are too_many_pixels', async () => {
    const create = { width: 7100, height: 7100, channels: 3 as const, background: 'white' };
    const png = await sharp({ create }).toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer();
    await assertRefused(png, 'too_many_pixels');
  });
});

describe('encode', () => {
  it('a png holds the very pixels', async () => {
    await assertSame(await encode(picture, undefined, { format: 'png', quality: 90 }), 0);
  });

  it('jpeg and webp are close to the pixels, and closer with more quality', async () => {
    for (const format of ['jpeg', 'webp'] as const) {
      const coarse = await decodeWhole(await encode(picture, undefined, { format, quality: 20 }));
      const fine = await decodeWhole(await encode(picture, undefined, { format, quality: 95 }));
      const distances = [fine, coarse].map(({ pixels }) => meanDistance(pixels.data, picture.data));
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
    assert.equal(furthest(await sharp(encoded).removeAlpha().raw().toBuffer(), picture.data), 0);
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
      const facts = await sharp(await encode(picture, undefined, { format, quality: 90 })).metadata();
      assert.equal(facts.format, format);
      const metadata = { exif: facts.exif, icc: facts.icc, xmp: facts.xmp, iptc: facts.iptc };
      assert.deepEqual(metadata, { exif: undefined, icc: undefined, xmp: undefined, iptc: undefined });
    }
  });
});
