import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openRegistry } from './registry.ts';
import { makeTemporaryFolder, negativeModel, testPicture, writeModel } from './tiny-models.ts';

const providers = ['cpu'];
let bundledFolder: string;
let elsewhere: string;
before(async () => {
  bundledFolder = await makeTemporaryFolder();
  elsewhere = await makeTemporaryFolder();
  await writeModel(bundledFolder, negativeModel('alpha'));
  await writeModel(bundledFolder, negativeModel('impasto-v1'));
});
after(async () => {
  await rm(bundledFolder, { recursive: true });
  await rm(elsewhere, { recursive: true });
});

test('BUNDLED offers every bundled model, impasto-v1 first', async () => {
  const registry = await openRegistry({ source: 'BUNDLED', bundledFolder, providers });
  assert.deepEqual(registry.names, ['impasto-v1', 'alpha']);
  assert.equal(registry.defaultName, 'impasto-v1');
  assert.equal((await registry.get()).name, 'impasto-v1');
  assert.equal((await registry.get('alpha')).name, 'alpha');
  await registry.dispose();
});

test('FILE puts the model of MODEL_PATH first and keeps the bundled ones', async () => {
  const path = await writeModel(elsewhere, negativeModel('mine'));
  const registry = await openRegistry({ source: 'FILE', path, bundledFolder, providers });
  assert.deepEqual(registry.names, ['mine', 'impasto-v1', 'alpha']);
  assert.equal((await registry.get()).name, 'mine');
  await registry.dispose();
});

test('a model of MODEL_PATH hides a bundled one of the same name', async () => {
  const own = negativeModel('alpha');
  const path = await writeModel(elsewhere, { ...own, manifest: { ...own.manifest, version: '2.0.0' } });
  const registry = await openRegistry({ source: 'FILE', path, bundledFolder, providers });
  assert.deepEqual(registry.names, ['alpha', 'impasto-v1']);
  assert.equal(registry.versionedNames[0], 'alpha@2.0.0');
  assert.equal((await registry.get('alpha')).version, '2.0.0');
  await registry.dispose();
});

test('FILE without MODEL_PATH is refused', async () => {
  const opening = openRegistry({ source: 'FILE', bundledFolder, providers });
  await assert.rejects(opening, {
    code: 'model_unavailable',
    message: /Expected MODEL_PATH to name a model folder/,
  });
});

test('a name that is not offered is an unknown_model and lists those that are', async () => {
  const registry = await openRegistry({ source: 'BUNDLED', bundledFolder, providers });
  await assert.rejects(registry.get('beta'), {
    code: 'unknown_model',
    message: 'Expected one of impasto-v1, alpha for model, received beta.',
  });
});

test('a loaded model is kept, and the one not used for longest leaves', async () => {
  const registry = await openRegistry({ source: 'BUNDLED', bundledFolder, providers, maxLoaded: 1 });
  const first = await registry.get('alpha');
  assert.equal(await registry.get('alpha'), first);
  await registry.get('impasto-v1');
  const again = await registry.get('alpha');
  assert.notEqual(again, first);
  const painted = await again.stylize(testPicture(3, 2), { kind: 'fixed-style' }, { influence: 1 });
  assert.equal(painted.data.length, 18);
  await registry.dispose();
});

test('every file is checked before any model is loaded', async () => {
  const folder = await makeTemporaryFolder();
  await writeModel(folder, negativeModel('impasto-v1'));
  const changed = await writeModel(folder, negativeModel('alpha'));
  await writeFile(join(changed, 'paint.onnx'), 'something else');
  const opening = openRegistry({ source: 'BUNDLED', bundledFolder: folder, providers });
  await assert.rejects(opening, {
    code: 'model_unavailable',
    message: /Expected sha256 .*alpha.paint\.onnx/,
  });
  await rm(folder, { recursive: true });
});

test('a failed load is tried again the next time', async () => {
  const path = await writeModel(elsewhere, negativeModel('healing'));
  const registry = await openRegistry({ source: 'FILE', path, bundledFolder, providers });
  await writeFile(join(path, 'paint.onnx'), 'something else');
  await assert.rejects(registry.get(), { code: 'model_unavailable' });
  await writeModel(elsewhere, negativeModel('healing'));
  assert.equal((await registry.get()).name, 'healing');
  await registry.dispose();
});
