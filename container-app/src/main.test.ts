// The worker process itself: how it begins, and how it ends when it cannot.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

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

const broken = { MODEL_SOURCE: 'FILE', MODEL_PATH: '/no/such/model' };
// Nobody listens there; a worker that cannot start must not need its storage to say so.
const storage = { STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true' };

describe('the worker process', () => {
  it('says what it would offer when it is only checked', async () => {
    const { code, out } = await run({}, '--check');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { models: ['impasto-v1'], executionProviders: ['cpu'] });
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
});
