import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options.ts';

test('without arguments four sizes are measured, seven times each', () => {
  assert.deepEqual(readOptions([]), {
    runs: 7,
    sizes: [256, 512, 1024, 2048],
    large: false,
    json: false,
  });
});

test('sizes are sorted and each is measured once', () => {
  assert.deepEqual(readOptions(['--sizes', '512, 256,512'])?.sizes, [256, 512]);
});

test('a number that makes no sense is refused with its name', () => {
  assert.throws(() => readOptions(['--runs', '0']), /from 1 to 1000 for --runs, received "0"/);
  assert.throws(() => readOptions(['--sizes', '256,']), /for --sizes, received ""/);
  assert.throws(() => readOptions(['--size', '256']), /--size/);
});

test('help is no measurement', () => {
  assert.equal(readOptions(['--help']), undefined);
});
