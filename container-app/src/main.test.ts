// The worker process itself: how it begins, and how it ends when it cannot.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectStorage, createContainersAndQueue } from '@impasto/shared/azure';
import { startAzurite } from '@impasto/shared/testing/azurite';

const script = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Starts a worker with a channel, as the local stack does, and waits for its end. */
async function run(settings: Record<string, string>, ...args: string[]) {
  const worker = fork(script, args, { env: { ...process.env, ...settings }, silent: true });
  assert.ok(worker.stdout && worker.stderr);
  const [out, errors, [code]] = await Promise.all([
    text(worker.stdout),
    text(worker.stderr),
    once(worker, 'exit'),
  ]);
  return { code, out, errors };
}

/** Where nobody listens. */
const unreachable = [
  ...['DefaultEndpointsProtocol=http', 'AccountName=devstoreaccount1', 'AccountKey=a2V5'],
  ...['BlobEndpoint=http://127.0.0.1:9/a', 'QueueEndpoint=http://127.0.0.1:9/a'],
].join(';');

const broken = { MODEL_SOURCE: 'FILE', MODEL_PATH: '/no/such/model' };
// Nobody listens there; a worker that cannot start must not need its storage to say so.
const storage = { STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true' };

describe('the worker process', () => {
  it('says what it would offer when it is only checked', async () => {
    const { code, out } = await run({}, '--check');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { models: ['impasto-v1@1.0.0'], executionProviders: ['cpu'] });
  });

  it('ends with one sentence when its model is not there', async () => {
    for (const args of [['--check'], []]) {
      const { code, errors } = await run({ ...broken, ...storage }, ...args);
      assert.equal(code, 1);
      assert.match(errors, /^Expected a readable model folder at \/no\/such\/model.*\n$/);
    }
  });

  it('does not overlook a model path that has no effect', async () => {
    const { code, errors } = await run({ MODEL_PATH: '/some/model' }, '--check');
    assert.equal(code, 1);
    assert.match(errors, /MODEL_PATH, received "\/some\/model"/);
  });

  it('lists every wrong setting', async () => {
    const { code, errors } = await run({ LEASE_SECONDS: 'x', EXECUTION_PROVIDERS: 'abacus' }, '--check');
    assert.equal(code, 1);
    assert.match(errors, /LEASE_SECONDS, received "x"/);
    assert.match(errors, /EXECUTION_PROVIDERS, received "abacus"/);
  });

  it('says in its report what is missing when it cannot start, and neither path nor secret', async (test) => {
    const emulator = await startAzurite();
    test.after(() => emulator.stop());
    const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
    await createContainersAndQueue(settings);
    const { code } = await run({ ...broken, ...settings });
    assert.equal(code, 1);
    const [seen, ...others] = await connectStorage(settings).workers.list();
    assert.deepEqual([seen?.report.state, seen?.report.problem], ['unhealthy', 'model_unavailable']);
    assert.deepEqual(others, []);
  });

  it('starts although its storage is out', async (test) => {
    const env = { ...process.env, STORAGE_CONNECTION_STRING: unreachable, LOG_LEVEL: 'info' };
    const worker = fork(script, [], { env, silent: true });
    test.after(() => worker.kill('SIGKILL'));
    const exited = once(worker, 'exit');
    assert.ok(worker.stdout && worker.stderr);
    worker.stderr.resume();
    for await (const chunk of worker.stdout) {
      if (String(chunk).includes('worker.ready')) break;
    }
    worker.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
  });
});
