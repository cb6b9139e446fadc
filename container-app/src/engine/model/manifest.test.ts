import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifest } from './manifest.ts';

const sha256 = 'a'.repeat(64);
const paint = { file: 'paint.onnx', content: { tensor: 'in' }, image: { tensor: 'out' } };
const smallest = {
  schema_version: 1,
  name: 'small',
  version: '1',
  licence: 'MIT',
  kind: 'fixed-style',
  files: { 'paint.onnx': sha256 },
  graphs: { paint },
};

function problemsOf(manifest: unknown): string {
  try {
    parseManifest('/models/small/manifest.json', manifest);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('what a manifest leaves out has a default', () => {
  const manifest = parseManifest('manifest.json', smallest);
  assert.deepEqual(manifest.content_size, { min_side: 1, multiple_of: 1 });
  assert.deepEqual(manifest.knobs, { influence: null, seed: null, prompt: null });
  assert.deepEqual(manifest.passes, { default: 1, max: 1 });
  assert.deepEqual(manifest.graphs.paint.content, {
    tensor: 'in',
    layout: 'NHWC',
    type: 'uint8',
    channels: 'rgb',
    range: [0, 255],
    mean: [0, 0, 0],
    std: [1, 1, 1],
  });
});

test('every problem is in one message that names the file', () => {
  const message = problemsOf({
    ...smallest,
    name: '../Escape',
    files: { 'paint.onnx': 'abc' },
    passes: { default: 3, max: 2 },
    colour: 'red',
  });
  assert.match(message, /^The model manifest \/models\/small\/manifest\.json has problems: /);
  for (const part of [/name: /, /files\.paint\.onnx: /, /passes: expected default/, /"colour"/]) {
    assert.match(message, part);
  }
});

test('an unknown kind is named', () => {
  assert.match(problemsOf({ ...smallest, kind: 'other' }), /kind: /);
});

test('a graph of another kind is refused', () => {
  assert.match(problemsOf({ ...smallest, kind: 'style-code' }), /graphs\.encode: .*graphs\.paint\.code: /);
});

test('a graph whose file has no sha256 is refused', () => {
  const message = problemsOf({ ...smallest, files: {} });
  assert.match(message, /graphs\.paint\.file: expected the sha256 of paint\.onnx in files/);
});

test('a file outside the folder is refused', () => {
  const file = '../paint.onnx';
  const message = problemsOf({
    ...smallest,
    files: { [file]: sha256 },
    graphs: { paint: { ...paint, file } },
  });
  assert.match(message, /graphs\.paint\.file: expected the name of a file in the same folder/);
});

test('uint8 takes neither another range nor mean and deviation', () => {
  const content = { tensor: 'in', range: [0, 1] };
  assert.match(
    problemsOf({ ...smallest, graphs: { paint: { ...paint, content } } }),
    /expected range 0\.\.255/,
  );
});

test('a largest side below the smallest one is refused', () => {
  const message = problemsOf({ ...smallest, content_size: { min_side: 64, max_side: 32 } });
  assert.match(message, /content_size\.max_side: expected at least min_side and multiple_of/);
});
