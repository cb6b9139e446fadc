// Picture files in a job: from the stored bytes through the real engine to a result, or to a failure that says why.
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { JobError, type JobParameters, silentLogger } from '@impasto/shared';
import { someParameters } from '@impasto/shared/testing';
import { adobeSegment, flatJpeg, refusedPictures, withJpegSegments } from '@impasto/shared/testing/pictures';
import sharp, { type Sharp } from 'sharp';
import { type Engine, startEngine } from './engine/engine.ts';
import { enginePeakBytes } from './testing/engine-memory.ts';
import { bombChunk, fiftyMegapixels } from './testing/pictures/bombs.ts';
import { brokenPictures } from './testing/pictures/broken-pictures.ts';
import { type GoodPicture, goodPictures } from './testing/pictures/good-pictures.ts';
import { gradient, noise, openPixels, withAlpha } from './testing/pictures/gradient.ts';
import { workOnce } from './testing/work-once.ts';

const MiB = 1024 * 1024;
let engine: Engine;
let starts = 0;

before(async () => {
  const info = (event: string) => {
    if (event === 'engine.ready') starts += 1;
  };
  const log = { ...silentLogger, info };
  const settings = {
    modelSource: 'BUNDLED',
    executionProviders: ['cpu'],
    memoryLimitBytes: 4096 * MiB,
  } as const;
  engine = await startEngine({ settings, inferenceTimeoutSeconds: 60, log });
});
after(() => engine.stop());

/** Nothing is painted unless asked, so that the result shows what was decoded. */
function work(content: Uint8Array, style: Uint8Array, parameters: Partial<JobParameters> = {}) {
  return workOnce(engine, { content, style }, { influence: 0, maxSide: 64, ...parameters });
}

/** The result of a job that has to succeed. */
async function paint(content: Uint8Array, style = content, parameters: Partial<JobParameters> = {}) {
  const { job, images } = await work(content, style, parameters);
  assert.equal(job.status, 'completed', JSON.stringify(job.lastError));
  assert.ok(job.status === 'completed' && job.attempt === 1);
  const result = await images.get(job.result.key);
  assert.ok(result);
  return { image: await buffer(result.body), timings: job.result.timings };
}

/** Colours and alpha apart; no alpha where the picture has none. */
async function open(image: Uint8Array) {
  const { width = 0, height = 0, channels } = await sharp(image).metadata();
  const colours = await sharp(image).removeAlpha().raw().toBuffer();
  const alpha = channels === 4 ? await sharp(image).extractChannel(3).raw().toBuffer() : undefined;
  return { width, height, colours, alpha };
}

function meanDistance(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

async function assertShows(
  image: Uint8Array,
  { shows, tolerance }: Pick<GoodPicture, 'shows' | 'tolerance'>,
) {
  const { width, height, colours, alpha } = await open(image);
  assert.deepEqual([width, height], [shows.pixels.width, shows.pixels.height]);
  const distance = meanDistance(colours, shows.pixels.data);
  assert.ok(distance <= tolerance, `the pixels are ${distance} levels off on average`);
  assert.deepEqual(alpha && Uint8Array.from(alpha), shows.alpha);
}

async function assertNothingElse(image: Buffer): Promise<void> {
  const { exif, xmp, iptc, icc, comments, pages } = await sharp(image).metadata();
  assert.deepEqual([exif, xmp, iptc, icc, comments, pages], Array(6).fill(undefined));
  assert.equal(image.subarray(-8, -4).toString('latin1'), 'IEND', 'the picture is the end of the file');
  assert.doesNotMatch(image.toString('latin1'), /Lovelace|hello|<\?php/);
}

describe('picture files that must work', () => {
  for (const { id, what, make, ...expected } of goodPictures) {
    it(`${id}: ${what} comes out with the right pixels and nothing else`, async () => {
      const { image } = await paint(await make());
      await assertShows(image, expected);
      await assertNothingElse(image);
    });
  }

  it('I40: a JPEG with a damaged place inside is painted with its damage', async () => {
    const jpeg = await noise().jpeg().toBuffer();
    const middle = jpeg.length >> 1;
    jpeg.fill(0, middle, middle + 200);
    assert.equal((await open((await paint(jpeg)).image)).width, 64);
  });

  it('I45: a jpeg and a webp result carry no more than a png does', async () => {
    const tagged = goodPictures.find(({ what }) => what.startsWith('a JPEG of orientation 6'));
    assert.ok(tagged);
    for (const outputFormat of ['jpeg', 'webp'] as const) {
      const content = await tagged.make();
      const { image } = await paint(content, content, { outputFormat });
      const { exif, xmp, iptc, icc, comments, width } = await sharp(image).metadata();
      assert.deepEqual([exif, xmp, iptc, icc, comments, width], [...Array(5).fill(undefined), 64]);
    }
  });

  it('I48: YCCK and inverted CMYK show the colour that plain CMYK shows', async () => {
    const shown = async (jpeg: Buffer) => [...(await open((await paint(jpeg)).image)).colours.subarray(0, 3)];
    const cmyk = await shown(withJpegSegments(flatJpeg(16, [155, 155, 155, 255]), adobeSegment(0)));
    const ycck = await shown(withJpegSegments(flatJpeg(16, [100, 128, 128, 255]), adobeSegment(2)));
    assert.deepEqual(ycck, cmyk);
    const [red = 0, green = 0, blue = 0] = await shown(
      withJpegSegments(flatJpeg(16, [0, 255, 255, 255]), adobeSegment(0)),
    );
    assert.ok(red < 60 && green > 120 && blue > 180, `cyan came out as ${red}, ${green}, ${blue}`);
  });

  it('I54, I55, I56: a picture that hides a mountain is decoded in no time and little memory', async (t) => {
    const before = enginePeakBytes();
    const files = [
      ...goodPictures.filter(({ id }) => id === 'I54' || id === 'I55').map(({ make }) => make()),
    ];
    for (const file of await Promise.all([...files, bombChunk('zTXt'), bombChunk('iCCP')])) {
      const { timings, image } = await paint(file);
      assert.ok((timings.decode ?? Number.NaN) < 5000, `${timings.decode} ms`);
      await assertNothingElse(image);
    }
    const moreMiB = (enginePeakBytes() - before) / MiB;
    t.diagnostic(`${moreMiB} MiB more`);
    assert.ok(moreMiB < 150, `${moreMiB} MiB more`);
  });

  it('I57: of a JPEG with a gain map the picture for plain screens is taken', async () => {
    // The types of sharp do not have it yet.
    const linear = openPixels(gradient).toColourspace('scrgb') as Sharp & { withGainMap(): Sharp };
    const both = await linear.withGainMap().jpeg().toBuffer();
    assert.ok((await sharp(both).metadata()).gainMap);
    const secondPicture = both.indexOf('ffd8ff', 2, 'hex');
    const plain = await paint(both.subarray(0, secondPicture));
    assert.ok((await paint(both)).image.equals(plain.image));
  });

  it('I58: two PNGs of 49.9 megapixels fit into one job', {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const [content, style] = [fiftyMegapixels(200), fiftyMegapixels(90)];
    assert.equal((await open((await paint(content, style, { influence: 1 })).image)).width, 64);
    // What pixel-budget.ts leaves for everything but the network.
    const peakMiB = enginePeakBytes() / MiB;
    t.diagnostic(`at most ${peakMiB} MiB`);
    assert.ok(peakMiB < 1200, `${peakMiB} MiB`);
  });

  const plain: Record<string, () => Promise<Buffer>> = {
    'one colour': () =>
      sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
        .png()
        .toBuffer(),
    black: () =>
      sharp({ create: { width: 64, height: 64, channels: 3, background: 'black' } })
        .png()
        .toBuffer(),
    white: () =>
      sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
        .png()
        .toBuffer(),
    'pure noise': () => noise().png().toBuffer(),
  };
  for (const [what, make] of Object.entries(plain)) {
    it(`I59, I60: ${what} in the style of itself stays what it is, more or less`, async () => {
      const file = await make();
      const painted = await sharp((await paint(file, file, { influence: 1 })).image).stats();
      const photo = await sharp(file).stats();
      // A network's NaN would be 0 in all channels.
      for (const [channel, { mean }] of painted.channels.entries()) {
        const expected = photo.channels[channel]?.mean ?? Number.NaN;
        assert.ok(Math.abs(mean - expected) < 60, `channel ${channel}: ${mean}, expected about ${expected}`);
      }
    });
  }

  it('I60: a picture that is wholly transparent stays so, and may lend its style', async () => {
    const nothing = await withAlpha(() => 0)
      .png()
      .toBuffer();
    const { alpha } = await open((await paint(nothing, nothing, { influence: 1 })).image);
    assert.ok(alpha?.every((value) => value === 0));
  });

  it('I50: what is hidden does not colour what is painted, and the alpha comes back', async () => {
    const hide = (hidden: number) =>
      sharp({
        create: { width: 32, height: 64, channels: 4, background: { r: 0, g: 128, b: 128, alpha: 1 } },
      })
        .extend({ left: 32, background: { r: hidden, g: 0, b: 0, alpha: 0 } })
        .png()
        .toBuffer();
    const [red, black] = await Promise.all([hide(255), hide(0)]);
    const painted = await paint(red, red, { influence: 1 });
    const { alpha } = await open(painted.image);
    assert.deepEqual([alpha?.[0], alpha?.[63]], [0, 255]);
    assert.ok(painted.image.equals((await paint(black, black, { influence: 1 })).image));
  });
});

describe('picture files that fail their job', () => {
  for (const { id, what, make, code, says } of brokenPictures) {
    it(`${id}: ${what} fails its job with ${code} at the first attempt`, async () => {
      const good = await openPixels(gradient).png().toBuffer();
      for (const name of ['content image', 'style image']) {
        const [content, style] = name === 'content image' ? [await make(), good] : [good, await make()];
        const { outcome, job, letters, results, messages } = await work(content, style);
        assert.ok(job.status === 'failed', job.status);
        assert.deepEqual(
          [outcome, job.error.code, job.attempt, job.error.retryable],
          ['failed', code, 1, false],
        );
        assert.deepEqual([letters, results, messages], [[code], [], 0]);
        assert.match(job.error.message, new RegExp(name));
        assert.match(job.error.message, says ?? /^Expected/);
      }
    });
  }
});

describe('picture files that no door let in', () => {
  const undecodable = new Set(['unsupported_image_format', 'image_corrupt', 'too_many_pixels']);
  for (const { id, what, file, code } of refusedPictures) {
    const verdict = undecodable.has(code)
      ? 'is refused by the engine too'
      : 'is painted by the engine, as it is';
    it(`${id}: ${what} ${verdict}`, async () => {
      const parameters = { ...someParameters, maxSide: 64, influence: 1 };
      const painting = engine.paint({ content: file(), style: file(), parameters });
      if (!undecodable.has(code)) return assert.ok((await painting).width <= 64);
      await assert.rejects(painting, (error) => error instanceof JobError && undecodable.has(error.code));
    });
  }
});

describe('the engine', () => {
  it('is still the process that began', () => {
    assert.equal(starts, 1);
  });
});
