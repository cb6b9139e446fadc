import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { JobError, makeLogger, silentLogger } from '@impasto/shared';
import { makeMemoryImageStore, makeMemoryJobStore, makeMemoryWorkerDirectory } from '@impasto/shared/testing';
import { isCircuitOpen, withCircuit } from './circuit.ts';

const outage = new JobError('storage_unavailable', 'connect ECONNREFUSED');

/** A store whose reads do what the test says, behind a circuit, and how often it was really asked. */
function setUp() {
  const lines: string[] = [];
  const state = { calls: 0, answer: async (): Promise<undefined> => undefined };
  const store = {
    ...makeMemoryJobStore(),
    get: (_jobId: string) => {
      state.calls += 1;
      return state.answer();
    },
  };
  const log = makeLogger({ level: 'debug', write: (line) => lines.push(line) });
  const ports = { jobs: store, images: makeMemoryImageStore(), workers: makeMemoryWorkerDirectory() };
  const guarded = withCircuit(ports, 'blob', log);
  const mentions = (event: string) => lines.filter((line) => line.includes(event)).length;
  const fail = async (times: number, error: Error = outage) => {
    state.answer = () => Promise.reject(error);
    for (let count = 0; count < times; count += 1) await assert.rejects(guarded.jobs.get('x'), error);
  };
  return { ...guarded, state, fail, mentions };
}

const isRefused = (error: unknown) =>
  isCircuitOpen(error) && error instanceof JobError && error.code === 'storage_unavailable';

describe('the circuit before the storage', () => {
  it('opens after five failures in a row, for all ports of the service, and says so once', async () => {
    const { jobs, workers, state, fail, mentions } = setUp();
    await fail(5);
    await assert.rejects(jobs.get('x'), isRefused);
    await assert.rejects(workers.list(), isRefused);
    assert.equal(state.calls, 5);
    assert.equal(mentions('circuit.opened'), 1);
  });

  it('stays closed as long as some calls succeed', async () => {
    const { jobs, state, fail } = setUp();
    await fail(4);
    state.answer = async () => undefined;
    await jobs.get('x');
    await fail(4);
    assert.equal(state.calls, 9);
  });

  it('stays closed where only the right to sign is missing', async () => {
    const sign = (_key: string, _options: object) => Promise.reject(outage);
    const ports = { images: { ...makeMemoryImageStore(), sign }, jobs: makeMemoryJobStore() };
    const { images, jobs } = withCircuit(ports, 'blob', silentLogger);
    for (let count = 0; count < 10; count += 1)
      await assert.rejects(images.sign('results/x', { seconds: 60, fileName: 'x.png' }), outage);
    assert.equal(await jobs.get('x'), undefined);
  });

  it('takes an answer that is no outage, or an abort, for no failure', async () => {
    const { fail, state } = setUp();
    await fail(10, new JobError('job_not_found', 'there is none'));
    await fail(10, new DOMException('aborted', 'AbortError'));
    assert.equal(state.calls, 20);
  });

  it('tries the storage out with one call after five seconds, while others go on being refused', async (t) => {
    t.after(() => mock.timers.reset());
    mock.timers.enable({ apis: ['Date'] });
    const { jobs, state, fail, mentions } = setUp();
    await fail(5);
    mock.timers.tick(4_999);
    await assert.rejects(jobs.get('x'), isRefused);
    mock.timers.tick(1);
    await fail(1);
    await assert.rejects(jobs.get('x'), isRefused);

    mock.timers.tick(5_000);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    state.answer = () => promise;
    const probe = jobs.get('x');
    await assert.rejects(jobs.get('x'), isRefused);
    assert.equal(mentions('circuit.closed'), 0);
    resolve(undefined);
    await probe;
    await jobs.get('x');
    assert.equal(state.calls, 8);
    assert.deepEqual([mentions('circuit.opened'), mentions('circuit.closed')], [1, 1]);
  });

  it('lets listings through as they are', async () => {
    const { jobs, images, fail } = setUp();
    await images.put('inputs/a', Buffer.from('x'), 'image/png').catch(() => {});
    await fail(5);
    const listed = [];
    for await (const job of jobs.list()) listed.push(job);
    for await (const { key } of images.list('inputs/')) listed.push(key);
    assert.deepEqual(listed, ['inputs/a']);
  });
});
