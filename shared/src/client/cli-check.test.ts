// `impasto check` as a process of its own, on a real storage emulator.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectStorage, createContainersAndQueue, type Storage } from '../azure/index.ts';
import { makeWorld } from '../check/testing-world.ts';
import { type Emulator, startAzurite } from '../testing/azurite.ts';

const cli = fileURLToPath(new URL('cli.ts', import.meta.url));

async function check(args: readonly string[], variables: Record<string, string> = {}) {
  const { STORAGE_CONNECTION_STRING: _own, STORAGE_ACCOUNT_NAME: _account, ...inherited } = process.env;
  const env = { ...inherited, ...variables };
  const child = spawn(process.execPath, [cli, 'check', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, code };
}

describe('impasto check', () => {
  let emulator: Emulator;
  let storage: Storage;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'impasto-check-'));
    emulator = await startAzurite();
    const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
    await createContainersAndQueue(settings);
    storage = connectStorage(settings);
  });
  after(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  it('ends with 0 and a table where all is well, with 1 and the ids where it is not', async () => {
    const world = makeWorld(storage);
    const { plain } = await world.fill();
    const variables = { SOME_STORAGE: emulator.connectionString };
    const args = ['--connection-string-env', 'SOME_STORAGE'];
    const clean = await check(args, variables);
    assert.deepEqual([clean.code, clean.stderr], [0, '']);
    assert.match(clean.stdout, /^jobs +8\n {2}queued +0\n/);
    assert.match(clean.stdout, /\n {2}failed +1 {2}image_corrupt 1\n/);
    assert.match(clean.stdout, /\nEvery promise is kept\.\n$/);

    for await (const { key } of storage.images.list(`results/${plain.jobId}/`))
      await storage.images.delete(key);
    const open = await world.submit();
    const broken = await check([...args, '--max-open-seconds', '0'], variables);
    assert.equal(broken.code, 1);
    assert.match(broken.stdout, new RegExp(`\\nI1 .*Not so:\\n {2}${open.jobId}: queued .*for at least`));
    assert.match(
      broken.stdout,
      new RegExp(`\\nI3 .*Not so:\\n {2}${plain.jobId}: its result .*does not exist\\n`),
    );
    assert.match(broken.stdout, /\n2 things are wrong\.\n$/);
    assert.ok(!`${broken.stdout}${broken.stderr}`.includes('AccountKey'));

    const file = join(folder, 'storage.env');
    await writeFile(file, `STORAGE_CONNECTION_STRING="${emulator.connectionString}"\n`);
    const json = await check(['--storage-env', file, '--json']);
    assert.deepEqual([json.code, json.stderr], [1, '']);
    const { ok, jobs, stuck, violations } = JSON.parse(json.stdout);
    assert.deepEqual([ok, jobs.completed, jobs.queued, stuck], [false, 4, 1, 0]);
    assert.deepEqual(violations[0].invariant, 'I3');
  });

  it('ends with 2 where it is not told which storage, and repeats no secret', async () => {
    const none = await check([]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /Expected --account, or a connection string in STORAGE_CONNECTION_STRING/);
    const wrong = await check([], { STORAGE_CONNECTION_STRING: 'AccountKey=secret' });
    assert.equal(wrong.code, 2);
    assert.doesNotMatch(`${wrong.stdout}${wrong.stderr}`, /secret/);
    assert.equal((await check(['--account', 'Not An Account'])).code, 2);
    assert.equal((await check(['--storage-env', join(folder, 'none')])).code, 2);
  });

  it('ends with 3 where the storage does not answer', async () => {
    const STORAGE_CONNECTION_STRING = emulator.connectionString.replaceAll(
      /127\.0\.0\.1:\d+/g,
      '127.0.0.1:9',
    );
    const { code, stderr } = await check([], { STORAGE_CONNECTION_STRING });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^impasto: Expected a storage that can be read: .*\n$/);
  });
});
