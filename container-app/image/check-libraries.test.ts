// The gate of the image's build, with packages that lack a library.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./check-libraries.sh', import.meta.url));
const installed = fileURLToPath(new URL('../../node_modules', import.meta.url));
const check = (variant: string, modules: string) =>
  spawnSync('sh', [script, variant, modules], { encoding: 'utf8' });
const elsewhere =
  `${process.platform}-${process.arch}` === 'linux-x64' ? false : 'the image is for linux-x64 only';

describe('the check of libraries', { skip: elsewhere }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'impasto-libraries-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const binaries = 'onnxruntime-node/bin/napi-v6/linux/x64';
  mkdirSync(join(folder, 'onnxruntime-node/bin'), { recursive: true });
  cpSync(join(installed, binaries), join(folder, binaries), { recursive: true });

  it('passes what has all it needs, and lists it', () => {
    const { status, stdout } = check('cpu', folder);
    assert.equal(status, 0);
    assert.match(stdout, /onnxruntime_binding\.node\n.*libonnxruntime\.so\.1 => \//s);
  });

  it('stops a GPU image without the provider and its libraries, and names each', () => {
    const { status, stderr } = check('cuda', folder);
    assert.equal(status, 1);
    assert.match(stderr, /Expected libonnxruntime_providers_cuda\.so/);
    assert.match(stderr, /Expected libcudnn_engines_precompiled\.so\.9/);
  });

  it('stops native code whose library was left behind', () => {
    cpSync(join(installed, '@img/sharp-linux-x64'), join(folder, '@img/sharp-linux-x64'), {
      recursive: true,
    });
    const { status, stderr } = check('cpu', folder);
    assert.equal(status, 1);
    assert.match(stderr, /sharp-linux-x64.*libvips-cpp\.so[.\d]* => not found/);
  });
});
