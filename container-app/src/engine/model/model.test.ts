import assert from 'node:assert/strict';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JobError } from '@impasto/shared';
import { bundledModelsFolder } from '../../places.ts';
import type { Pixels } from '../pixels.ts';
import { loadModel, type Model, type ModelKnobs } from './model.ts';
import {
  constant,
  fixedStyle,
  image,
  makeTemporaryFolder,
  mapPixels,
  meanCodeModel,
  meanStyleModel,
  negativeModel,
  node,
  plainPicture,
  type TinyModel,
  testPicture,
  writeModel,
} from './tiny-models.ts';

const options = { providers: ['cpu'] };
const oddSizes = [
  [17, 33],
  [1, 1],
  [40, 9],
] as const;
const bundled = join(bundledModelsFolder, 'impasto-v1');

let folder: string;
before(async () => {
  folder = await makeTemporaryFolder();
});
after(() => rm(folder, { recursive: true }));

async function withModel<T>(model: TinyModel | string, use: (model: Model) => Promise<T>): Promise<T> {
  const loaded = await loadModel(
    typeof model === 'string' ? model : await writeModel(folder, model),
    options,
  );
  try {
    return await use(loaded);
  } finally {
    await loaded.dispose();
  }
}

async function paint(
  model: Model,
  content: Pixels,
  style: Pixels = content,
  knobs: ModelKnobs = { influence: 1 },
): Promise<Pixels> {
  return model.stylize(content, await model.prepareStyle(style), knobs);
}

/** Same size, and no channel value further away than one level. */
function assertLike(received: Pixels, expected: Pixels): void {
  assert.deepEqual([received.width, received.height], [expected.width, expected.height]);
  assert.equal(received.data.length, expected.data.length);
  const furthest = expected.data.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (received.data[index] ?? -999))),
    0,
  );
  assert.ok(furthest <= 1, `expected values at most 1 level apart, received ${furthest}`);
}

function rejectsWith(promise: Promise<unknown>, ...parts: RegExp[]): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof JobError);
    assert.equal(error.code, 'model_unavailable');
    for (const part of parts) assert.match(error.message, part);
    return true;
  });
}

describe('a fixed-style model', () => {
  for (const type of ['float32', 'float16'] as const) {
    test(`of type ${type}, layout NCHW and range -1..1 paints every size as it is`, () =>
      withModel(negativeModel(`negative-${type}`, type), async (model) => {
        assert.equal(model.provider, 'cpu');
        assert.equal(model.handlesInfluence, false);
        assert.equal(model.styleSidePixels, undefined);
        for (const [width, height] of oddSizes) {
          const content = testPicture(width, height);
          assertLike(
            await paint(model, content),
            mapPixels(content, (value) => 255 - value),
          );
        }
      }));
  }

  test('gets the mean and deviation of each channel, in NHWC as in NCHW', async () => {
    const mean = [0.485, 0.456, 0.406];
    const std = [0.229, 0.224, 0.225];
    for (const layout of ['NHWC', 'NCHW'] as const) {
      const shape = layout === 'NCHW' ? [3, 1, 1] : [3];
      const model = fixedStyle(
        `normalised-${layout.toLowerCase()}`,
        {
          content: { layout, type: 'float32', range: [0, 1], mean, std },
          image: { layout, type: 'float32', range: [0, 255] },
        },
        {
          inputs: [image('content', 'float32', layout)],
          outputs: [image('image', 'float32', layout)],
          nodes: [
            node('Mul', 'content std', 'a'),
            node('Add', 'a mean', 'b'),
            node('Mul', 'b full', 'image'),
          ],
          constants: [
            constant('std', shape, std),
            constant('mean', shape, mean),
            constant('full', [], [255]),
          ],
        },
      );
      const content = testPicture(17, 5);
      await withModel(model, async (loaded) => assertLike(await paint(loaded, content), content));
    }
  });

  test('gives back what it normalised in the same way', () => {
    const tensor = {
      layout: 'NCHW',
      type: 'float32',
      range: [0, 1],
      mean: [0.4, 0.5, 0.6],
      std: [0.2, 0.3, 0.5],
    };
    const graph = {
      inputs: [image('content', 'float32')],
      outputs: [image('image', 'float32')],
      nodes: [node('Identity', 'content', 'image')],
    };
    const content = testPicture(8, 9);
    return withModel(fixedStyle('same', { content: tensor, image: tensor }, graph), async (model) =>
      assertLike(await paint(model, content), content),
    );
  });

  for (const layout of ['NHWC', 'NCHW'] as const) {
    test(`with blue first in ${layout} gets blue first`, () => {
      const model = fixedStyle(
        `bgr-${layout.toLowerCase()}`,
        { content: { layout, channels: 'bgr' }, image: { layout } },
        {
          inputs: [image('content', 'uint8', layout)],
          outputs: [image('image', 'uint8', layout)],
          nodes: [node('Identity', 'content', 'image')],
        },
      );
      const content = testPicture(6, 5);
      const swapped = mapPixels(content, (_, pixel, channel) => pixel[2 - channel] ?? 0);
      return withModel(model, async (loaded) => assertLike(await paint(loaded, content), swapped));
    });
  }

  test('clips what leaves the range', () => {
    const tensor = { layout: 'NCHW', type: 'float32', range: [0, 1] };
    const graph = {
      inputs: [image('content', 'float32')],
      outputs: [image('image', 'float32')],
      nodes: [node('Mul', 'content four', 'a'), node('Sub', 'a one', 'image')],
      constants: [constant('four', [], [4]), constant('one', [], [1])],
    };
    const content = testPicture(20, 10);
    const expected = mapPixels(content, (value) => Math.min(255, Math.max(0, value * 4 - 255)));
    return withModel(fixedStyle('loud', { content: tensor, image: tensor }, graph), async (model) =>
      assertLike(await paint(model, content), expected),
    );
  });

  test('of one fixed size paints pictures of every size', () => {
    const tensor = { layout: 'NCHW', type: 'uint8' };
    const shape = [1, 3, 24, 32];
    const graph = {
      inputs: [{ name: 'content', type: 'uint8', shape }],
      outputs: [{ name: 'image', type: 'uint8', shape }],
      nodes: [node('Identity', 'content', 'image')],
    } as const;
    const model = fixedStyle('fixed', { content: tensor, image: tensor }, graph, {
      content_size: { fixed: { width: 32, height: 24 } },
    });
    return withModel(model, async (loaded) => {
      for (const [width, height] of [[32, 24], ...oddSizes] as const) {
        const content = plainPicture(width, height, [200, 90, 10]);
        assertLike(await paint(loaded, content), content);
      }
    });
  });

  test('whose result has another size gives the size of the content', () => {
    const tensor = { layout: 'NCHW', type: 'float32', range: [0, 1] };
    const graph = {
      inputs: [image('content', 'float32')],
      outputs: [image('image', 'float32')],
      nodes: [node('MaxPool', 'content', 'image', { kernel_shape: [2, 2], strides: [2, 2] })],
    };
    const content = plainPicture(19, 12, [5, 100, 250]);
    return withModel(fixedStyle('half', { content: tensor, image: tensor }, graph), async (model) =>
      assertLike(await paint(model, content), content),
    );
  });

  test('gets a seed, which is 0 unless it is given', () => {
    const graph = {
      inputs: [image('content', 'float32', 'NHWC'), { name: 'seed', type: 'int64', shape: [1] }],
      outputs: [image('image', 'float32', 'NHWC')],
      nodes: [node('Cast', 'seed', 'a', { to: 1 }), node('Add', 'content a', 'image')],
    } as const;
    const tensor = { type: 'float32', range: [0, 255] };
    const model = fixedStyle('seeded', { content: tensor, image: tensor }, graph, {
      knobs: { seed: 'seed' },
    });
    const content = plainPicture(3, 3, [1, 2, 3]);
    return withModel(model, async (loaded) => {
      assertLike(await paint(loaded, content), content);
      const seeded = await paint(loaded, content, content, { influence: 1, seed: 42 });
      assertLike(
        seeded,
        mapPixels(content, (value) => value + 42),
      );
    });
  });
});

describe('a content-style model', () => {
  test('sees the style and is given multiples of 8 for every size', () =>
    withModel(meanStyleModel('mean-style'), async (model) => {
      assert.equal(model.styleSidePixels, 512);
      for (const [width, height] of oddSizes) {
        const content = testPicture(width, height);
        const expected = mapPixels(
          content,
          (value, _, channel) => (value + ([240, 40, 0][channel] ?? 0)) / 2,
        );
        assertLike(await paint(model, content, plainPicture(5, 3, [240, 40, 0])), expected);
      }
    }));
});

describe('a style-code model', () => {
  test('paints with the code of the style as far as influence says', () =>
    withModel(meanCodeModel('mean-code'), async (model) => {
      assert.equal(model.handlesInfluence, true);
      assert.equal(model.styleSidePixels, 64);
      const content = testPicture(17, 33);
      const style = plainPicture(9, 4, [250, 0, 128]);
      for (const influence of [0, 0.25, 1]) {
        const expected = mapPixels(
          content,
          (value, _, channel) => value + (([250, 0, 128][channel] ?? 0) - value) * influence,
        );
        assertLike(await paint(model, content, style, { influence }), expected);
      }
    }));

  test('refuses a style that was prepared for another kind', () =>
    withModel(meanCodeModel('mean-code'), async (model) => {
      const painting = model.stylize(testPicture(4, 4), { kind: 'fixed-style' }, { influence: 1 });
      await assert.rejects(
        painting,
        /Expected a style prepared for style-code, received one for fixed-style/,
      );
    }));

  test('in a folder without a manifest runs under the name of the folder', async () => {
    const path = join(folder, 'My Model');
    await mkdir(path);
    for (const file of ['style-encoder.onnx', 'transfer.onnx'])
      await copyFile(join(bundled, file), join(path, file));
    await withModel(path, async (model) => {
      assert.deepEqual(
        [model.name, model.version, model.manifest.licence],
        ['my-model', 'unversioned', 'unknown'],
      );
      assert.equal(model.handlesInfluence, true);
      const painted = await paint(model, testPicture(17, 23), testPicture(20, 20));
      assert.deepEqual([painted.width, painted.height], [17, 23]);
    });
  });
});

describe('impasto-v1', () => {
  test('gives every byte back at influence 0, and another picture of the same size at 0.7', () =>
    withModel(bundled, async (model) => {
      const style = await model.prepareStyle(testPicture(48, 32));
      for (const [width, height] of [
        [16, 16],
        [17, 23],
        [64, 16],
        [5, 40],
      ] as const) {
        const content = testPicture(width, height);
        const same = await model.stylize(content, style, { influence: 0 });
        assert.ok(Buffer.from(same.data).equals(content.data));
        const painted = await model.stylize(content, style, { influence: 0.7 });
        assert.deepEqual([painted.width, painted.height], [width, height]);
        assert.ok(!Buffer.from(painted.data).equals(content.data));
      }
    }));
});

describe('a model that cannot be loaded', () => {
  test('names every tensor in which the graph differs from the manifest', async () => {
    const tensor = { layout: 'NHWC', type: 'float32', range: [0, 1] };
    const graph = {
      inputs: [image('content', 'float16'), { name: 'extra', type: 'float32', shape: [1] }],
      outputs: [{ name: 'picture', type: 'float16', shape: [1, 3, 8, 8] }],
      nodes: [node('Identity', 'content', 'picture')],
    } as const;
    const model = fixedStyle('misfit', { content: tensor, image: tensor }, graph, {
      knobs: { influence: 'extras' },
    });
    await rejectsWith(
      loadModel(await writeModel(folder, model), options),
      /misfit do not fit their manifest: paint\.onnx: /,
      /expected type float32 for the input content, received float16/,
      /expected shape \[1, height, width, 3\] for the input content, received \[1, 3, height, width\]/,
      /expected the input extras, received content, extra/,
      /expected the output image, received picture/,
      /expected the manifest to name the input extra/,
    );
  });

  test('is told apart by its file when that is no ONNX model', async () => {
    const model = { ...negativeModel('noise'), files: { 'paint.onnx': new Uint8Array([1, 2, 3]) } };
    await rejectsWith(loadModel(await writeModel(folder, model), options), /noise.paint\.onnx to load/);
  });

  test('fails a picture with model_failed when the graph cannot run', () => {
    const model = { ...meanStyleModel('strict') };
    const manifest = { ...model.manifest, content_size: { multiple_of: 1 } };
    return withModel({ ...model, manifest }, async (loaded) => {
      await assert.rejects(paint(loaded, testPicture(9, 9)), { name: 'JobError', code: 'model_failed' });
    });
  });
});
