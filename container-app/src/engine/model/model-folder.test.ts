import assert from 'node:assert/strict';
import { mkdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundledModelsFolder } from '../../places.ts';
import { readModelFolder } from './model-folder.ts';
import { makeTemporaryFolder, negativeModel, writeModel } from './tiny-models.ts';

let parent: string;
before(async () => {
  parent = await makeTemporaryFolder();
});
after(() => rm(parent, { recursive: true }));

/** One clear sentence that names the path and cannot be helped by trying again. */
function refuses(folder: string, message: RegExp): Promise<void> {
  return assert.rejects(readModelFolder(folder), {
    name: 'JobError',
    code: 'model_unavailable',
    retryable: false,
    message,
  });
}

test('the bundled model is whole', async () => {
  const manifest = await readModelFolder(join(bundledModelsFolder, 'impasto-v1'));
  assert.equal(manifest.name, 'impasto-v1');
  assert.equal(manifest.kind, 'style-code');
});

test('a file that is not the one of the manifest is refused, with what to do', async () => {
  const folder = await writeModel(parent, negativeModel('changed'));
  await writeFile(join(folder, 'paint.onnx'), 'something else');
  await refuses(
    folder,
    /Expected sha256 [0-9a-f]{64} for the model file .*paint\.onnx, received .*: copy the file again/,
  );
});

test('a file that is missing is named', async () => {
  const folder = await writeModel(parent, negativeModel('missing'));
  await unlink(join(folder, 'paint.onnx'));
  await refuses(folder, /Expected the model file .*missing.paint\.onnx, received none/);
});

test('a folder that is missing is named, with the setting', async () => {
  await refuses(
    join(parent, 'nowhere'),
    /Expected a readable model folder at .*nowhere, received none: set MODEL_PATH/,
  );
});

test('a folder without a model is refused with what it holds', async () => {
  const folder = join(parent, 'other');
  await mkdir(folder);
  await refuses(
    folder,
    /Expected manifest\.json, or .* in the model folder .*other, received an empty folder/,
  );
  await writeFile(join(folder, 'notes.txt'), '');
  await refuses(folder, /received notes\.txt/);
});

test('a manifest that is no JSON is named', async () => {
  const folder = await writeModel(parent, negativeModel('broken'));
  await writeFile(join(folder, 'manifest.json'), '{"name": ');
  await refuses(folder, /Expected JSON in the model manifest .*broken.manifest\.json: /);
});
