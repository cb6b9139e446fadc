import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { defaultModel, type JobParameters } from '@impasto/shared';
import sharp from 'sharp';
import { decode } from './images.ts';
import type { Model, ModelKnobs } from './model/model.ts';
import { openRegistry } from './model/registry.ts';
import { makeStyleCache } from './model/style-cache.ts';
import { makePainter, type Painter, type PainterDeps, type Painting } from './painter.ts';
import type { Pixels } from './pixels.ts';

const samples = new URL('../../../samples/', import.meta.url);
const landscape = await readFile(new URL('landscape.jpg', samples));
const waves = await readFile(new URL('style-waves.jpg', samples));

const usual: JobParameters = {
  influence: 0.7,
  creativity: 0.5,
  additionalPrompt: '',
  outputFormat: 'png',
  outputQuality: 90,
  maxSide: 224,
  model: defaultModel,
};

const models = await openRegistry({ source: 'BUNDLED', providers: ['cpu'] });
const bundledManifest = (await models.get()).manifest;
const painters: Painter[] = [];
after(async () => {
  await Promise.all(painters.map((painter) => painter.dispose()));
  await models.dispose();
});

async function painterWith(deps: Partial<PainterDeps> = {}): Promise<Painter> {
  const painter = await makePainter({ models, styles: makeStyleCache(), maxPixels: 4_000_000, ...deps });
  painters.push(painter);
  return painter;
}

type Change = Partial<JobParameters> & { readonly content?: Uint8Array; readonly style?: Uint8Array };

function paintWith(painter: Painter, change: Change = {}): Promise<Painting> {
  const { content = landscape, style = waves, ...parameters } = change;
  return painter.paint({ content, style, parameters: { ...usual, ...parameters } });
}

async function pixelsOf({ image }: Painting): Promise<Pixels> {
  return (await decode(image, 'result', { longerSidePixels: 4096, enlarge: false })).pixels;
}

async function photograph(content = landscape, longerSidePixels = usual.maxSide): Promise<Pixels> {
  return (await decode(content, 'content image', { longerSidePixels, enlarge: false })).pixels;
}

/** Mean absolute difference in levels of 0..255. */
function distance(a: Pixels, b: Pixels): number {
  assert.equal(a.data.length, b.data.length);
  return a.data.reduce((sum, value, at) => sum + Math.abs(value - (b.data[at] ?? 0)), 0) / a.data.length;
}

/** As `distance`, of what is left of the colours without their luma. */
function chromaDistance(a: Pixels, b: Pixels): number {
  const chroma = ({ data, width, height }: Pixels): Float64Array => {
    const luma = (pixel: number) =>
      0.299 * (data[pixel] ?? 0) + 0.587 * (data[pixel + 1] ?? 0) + 0.114 * (data[pixel + 2] ?? 0);
    return Float64Array.from(
      { length: width * height * 3 },
      (_, at) => (data[at] ?? 0) - luma(at - (at % 3)),
    );
  };
  const other = chroma(b);
  return chroma(a).reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / other.length;
}

/** Share of a picture's detail that is finer than about 3 pixels: it falls when strokes grow. */
async function finenessOf(pixels: Pixels): Promise<number> {
  const { width, height } = pixels;
  const blurred = async (sigma: number): Promise<Pixels> => {
    const image = sharp(pixels.data, { raw: { width, height, channels: 3 } }).blur(sigma);
    return { data: await image.raw().toBuffer(), width, height };
  };
  return distance(pixels, await blurred(1.5)) / distance(pixels, await blurred(8));
}

async function measure(knob: 'influence' | 'creativity', values: number[], by: (p: Pixels) => unknown) {
  const painter = await painterWith();
  const measured: number[] = [];
  for (const value of values) {
    measured.push(Number(await by(await pixelsOf(await paintWith(painter, { [knob]: value })))));
  }
  return measured;
}

function assertRises(values: readonly number[], what: string): void {
  values.slice(1).forEach((value, at) => {
    assert.ok(value > (values[at] ?? 0), `${what} must rise: ${values}`);
  });
}

const tenths = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

describe('influence', () => {
  it('0 gives the photograph back to the byte, whatever creativity is', async () => {
    const painter = await painterWith();
    const photo = await photograph();
    for (const creativity of [0, 0.5, 1]) {
      const result = await pixelsOf(await paintWith(painter, { influence: 0, creativity }));
      assert.ok(Buffer.from(result.data).equals(photo.data));
    }
  });

  it('moves the result away from the photograph, step by step', async () => {
    const photo = await photograph();
    const distances = await measure('influence', tenths, (result) => distance(photo, result));
    assert.equal(distances[0], 0);
    assertRises(distances, 'the distance');
    assert.ok((distances.at(-1) ?? 0) > 20, String(distances));
  });

  it('does not jump near 0, even where strokes are large', async () => {
    const painter = await painterWith();
    const photo = await photograph();
    for (const creativity of [0.5, 1]) {
      const result = await pixelsOf(await paintWith(painter, { influence: 0.01, creativity }));
      assert.ok(distance(photo, result) < 1);
    }
  });

  it('mixes with the photograph for a network that takes none', async () => {
    const painter = await painterWith({
      models: { get: async () => fakeModel({ handlesInfluence: false }) },
    });
    const photo = await photograph();
    const result = await pixelsOf(await paintWith(painter, { influence: 0.25 }));
    const inverted = photo.data.map((value) => Math.round(0.75 * value + 0.25 * (255 - value)));
    assert.ok(distance(result, { ...photo, data: inverted }) < 0.6);
  });
});

describe('creativity', () => {
  it('from 0.5 down to 0 brings the colours of the photograph back', async () => {
    const photo = await photograph();
    const kept = await measure('creativity', tenths.slice(0, 6), (result) => chromaDistance(photo, result));
    assertRises(kept, 'the colour distance');
    assert.ok((kept[0] ?? 9) < 1, String(kept));
  });

  it('from 0.5 up to 1 moves the result away from the photograph', async () => {
    const photo = await photograph();
    assertRises(
      await measure('creativity', tenths.slice(5), (result) => distance(photo, result)),
      'the distance',
    );
  });

  it('from 0.5 up to 1 makes strokes larger', async () => {
    const fineness = await measure('creativity', [0.5, 0.6, 0.7, 0.8, 0.9, 1], finenessOf);
    assertRises(fineness.toReversed(), 'the share of fine detail, from 1 down to 0.5,');
  });
});

describe('the prompt', () => {
  it('says which words were applied and which ignored, and changes the picture', async () => {
    const painter = await painterWith();
    const plain = await pixelsOf(await paintWith(painter));
    const prompted = await paintWith(painter, { additionalPrompt: 'black and white, xyzzy' });
    assert.deepEqual(prompted.prompt, { applied: ['black and white'], ignored: ['xyzzy'] });
    const { data } = await pixelsOf(prompted);
    const colour = data.filter((value, at) => Math.abs(value - (data[at - (at % 3)] ?? 0)) > 1);
    assert.equal(colour.length, 0);
    assert.ok(distance(plain, await pixelsOf(prompted)) > 1);
  });

  it('adjusts the photograph too when influence is 0', async () => {
    const change = { influence: 0, additionalPrompt: 'black and white' };
    const result = await pixelsOf(await paintWith(await painterWith(), change));
    assert.ok(chromaDistance(result, await photograph()) > 3);
  });
});

describe('the result', () => {
  it('has size, format, model and the time of every stage', async () => {
    const painting = await paintWith(await painterWith(), { outputFormat: 'webp' });
    const { format, width, height } = await sharp(painting.image).metadata();
    assert.deepEqual([format, width, height], ['webp', painting.width, painting.height]);
    assert.equal(Math.max(width, height), 224);
    assert.match(painting.model, /^impasto-v1@/);
    assert.equal(painting.executionProvider, 'cpu');
    const stages = ['decodeMs', 'styleCodeMs', 'stylizeMs', 'finishMs', 'encodeMs'];
    assert.deepEqual(Object.keys(painting.timings), stages);
    assert.ok(painting.timings.stylizeMs > 0);
    assert.equal(painting.paintedAt, undefined);
  });

  it('keeps the transparency of the photograph', async () => {
    const alpha = Buffer.from(Array.from({ length: 64 * 48 }, (_, at) => (at % 64 < 32 ? 0 : 4 * (at % 64))));
    const content = await sharp(landscape)
      .resize(64, 48, { fit: 'fill' })
      .joinChannel(alpha, { raw: { width: 64, height: 48, channels: 1 } })
      .png()
      .toBuffer();
    const { image } = await paintWith(await painterWith(), { content, creativity: 1 });
    assert.deepEqual(await sharp(image).extractChannel('alpha').raw().toBuffer(), alpha);
  });

  it('comes from tiny, thin and featureless pictures too', async () => {
    const painter = await painterWith();
    const shapes = [
      { width: 16, height: 16, channels: 3 as const, background: 'white' },
      { width: 16, height: 800, channels: 3 as const, background: 'teal' },
      { width: 40, height: 40, channels: 4 as const, background: 'transparent' },
    ];
    for (const create of shapes) {
      const content = await sharp({ create }).png().toBuffer();
      for (const creativity of [0, 1]) {
        const painting = await paintWith(painter, { content, style: content, creativity, maxSide: 1024 });
        assert.deepEqual([painting.width, painting.height], [create.width, create.height]);
      }
    }
  });

  it('is painted smaller and enlarged when the pixel budget is small, and says so', async () => {
    const painter = await painterWith({ maxPixels: 10_000 });
    const painting = await paintWith(painter);
    const { width = 0, height = 0 } = painting.paintedAt ?? {};
    assert.ok(width * height <= 10_000 && width * height > 9_000);
    assert.equal(Math.max(painting.width, painting.height), 224);
    const whole = await pixelsOf(await paintWith(await painterWith()));
    assert.ok(distance(await pixelsOf(painting), whole) < 30);
  });

  it('names the parameters that its model has no use for', async () => {
    const ignored = async (painter: Painter, change: Change) =>
      (await paintWith(painter, change)).ignoredParameters;
    const painter = await painterWith();
    assert.deepEqual(await ignored(painter, {}), []);
    assert.deepEqual(await ignored(painter, { seed: 7, outputQuality: 50 }), ['seed', 'output_quality']);
    assert.deepEqual(await ignored(painter, { outputFormat: 'jpeg', outputQuality: 50 }), []);
    const fixedStyle = await painterWith({
      models: { get: async () => fakeModel({ styleSidePixels: undefined }) },
    });
    assert.deepEqual(await ignored(fixedStyle, {}), ['style_image']);
  });
});

describe('the painter', () => {
  it('says which picture cannot be decoded', async () => {
    const painter = await painterWith();
    const half = landscape.subarray(0, landscape.length >> 1);
    await assert.rejects(paintWith(painter, { content: half }), {
      code: 'image_corrupt',
      message: /content image/,
    });
    await assert.rejects(paintWith(painter, { style: half }), {
      code: 'image_corrupt',
      message: /style image/,
    });
  });

  it('prepares a style once for many pictures', async () => {
    let prepared = 0;
    const model = fakeModel({
      prepareStyle: async () => {
        prepared += 1;
        return { kind: 'fixed-style' };
      },
    });
    const painter = await painterWith({ models: { get: async () => model } });
    await paintWith(painter);
    await paintWith(painter, { influence: 0.2 });
    assert.equal(prepared, 1);
  });

  it('takes the default passes it is told, up to the most of the model', async () => {
    const calls: ModelKnobs[] = [];
    const model = fakeModel({
      stylize: async (content, _style, knobs) => {
        calls.push(knobs);
        return content;
      },
    });
    for (const defaultPasses of [2, 9]) {
      const painter = await painterWith({ models: { get: async () => model }, defaultPasses });
      await paintWith(painter, { seed: 5 });
    }
    assert.deepEqual(calls, Array(2 + 3).fill({ influence: 0.7, seed: 5 }));
  });

  it('reports progress that only rises', async () => {
    const reports: [string, number][] = [];
    const painter = await painterWith();
    const request = {
      content: landscape,
      style: waves,
      parameters: { ...usual, creativity: 1, maxSide: 64 },
    };
    await painter.paint(request, { onProgress: (phase, progress) => reports.push([phase, progress]) });
    assert.deepEqual([...new Set(reports.map(([phase]) => phase))], ['decoding', 'stylizing', 'encoding']);
    assertRises(
      reports.map(([, progress]) => progress),
      'progress',
    );
  });
});

/** A model that inverts its content, with the manifest of the bundled one and three passes. */
function fakeModel(change: Partial<Model>): Model {
  return {
    name: 'fake',
    version: '1',
    manifest: { ...bundledManifest, passes: { default: 1, max: 3 } },
    provider: 'cpu',
    handlesInfluence: true,
    styleSidePixels: 64,
    prepareStyle: async () => ({ kind: 'fixed-style' }),
    stylize: async (content) => ({ ...content, data: content.data.map((value) => 255 - value) }),
    dispose: async () => {},
    ...change,
  };
}
