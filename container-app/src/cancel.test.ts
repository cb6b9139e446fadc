// A job that is canceled or deleted at every moment of its life: the worker's own loop, in front of a real storage.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import {
  announce,
  type ImageStore,
  isDone,
  type Job,
  JobError,
  type JobStore,
  messageFor,
  type Notice,
  silentLogger,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { connectStorage, createContainersAndQueue, type Storage } from '@impasto/shared/azure';
import { someJob, until } from '@impasto/shared/testing';
import { type Emulator, startAzurite } from '@impasto/shared/testing/azurite';
import { makeOutageMemory } from './outage-memory.ts';
import { makeProcessMessage } from './process-message.ts';
import { makeFakeEngine } from './testing/fake-engine.ts';
import { runWorker } from './worker.ts';

const picture = Buffer.alloc(200, 7);
const reporter = { ready() {}, jobStarted() {}, jobEnded() {}, stop: async () => {} };
const webhook = {
  url: 'https://receiver.example/hook',
  events: ['job.completed', 'job.failed', 'job.canceled', 'job.expired'],
  origin: 'https://impasto.example',
} satisfies Job['webhook'];

let emulator: Emulator;
let storage: Storage;

before(async () => {
  emulator = await startAzurite();
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  storage = connectStorage(settings);
});
after(() => emulator.stop());

async function submit(): Promise<Job> {
  const job: Job = { ...someJob(), webhook };
  await storage.images.put(job.inputs.content, picture, 'image/png');
  await storage.images.put(job.inputs.style, picture, 'image/png');
  await storage.jobs.create(job);
  await storage.queue.send(messageFor(job));
  return job;
}

interface Changes {
  readonly images?: (images: ImageStore) => Partial<ImageStore>;
  readonly jobs?: (jobs: JobStore) => Partial<JobStore>;
}

/** A worker with an engine that paints at once unless it is held; it stops with the test. */
function startWorker(test: TestContext, changes: Changes = {}) {
  const engine = makeFakeEngine();
  const never = new AbortController();
  const stop = new AbortController();
  const shared = { leaseSeconds: 30, outages: makeOutageMemory(), log: silentLogger };
  const { notices, deadLetters, queue } = storage;
  const jobs = { ...storage.jobs, ...changes.jobs?.(storage.jobs) };
  const images = { ...storage.images, ...changes.images?.(storage.images) };
  const ports = { jobs, images, notices, deadLetters };
  const processMessage = makeProcessMessage({ ...ports, ...shared, engine, patienceSeconds: 30 });
  const ended = runWorker(
    { ...shared, queue, processMessage, reporter, pollSeconds: 0.05 },
    { stop: stop.signal, handBack: never.signal },
  );
  test.after(async () => {
    stop.abort();
    await ended;
  });
  return engine;
}

/** What the door does for a caller who wants no picture any more. */
async function cancel(jobId: string): Promise<Job> {
  const at = new Date().toISOString();
  let endedHere = false;
  const job = await storage.jobs.update(jobId, (now) => {
    const next = transition(now, { type: 'cancel_requested', at });
    endedHere = next !== now && isDone(next);
    return next;
  });
  if (endedHere) await announce(storage.notices, job);
  return job;
}

async function end(jobId: string): Promise<Job> {
  const job = await until(
    'the job to end and its message to be gone',
    async () => {
      const now = (await storage.jobs.get(jobId))?.job;
      return now && isDone(now) && (await storage.queue.countMessages()) === 0 && now;
    },
    20_000,
  );
  return job || assert.fail();
}

/** The events that the receiver is told of, once the worker has had its last word; they are taken from the queue. */
async function told(jobId: string): Promise<string[]> {
  await until('a notice', async () => (await storage.notices.countMessages()) > 0, 20_000);
  const events: string[] = [];
  for (;;) {
    const message = await storage.notices.receive(30);
    if (!message) return events;
    await message.remove();
    const notice = JSON.parse(message.text) as Notice;
    assert.equal(notice.job_id, jobId);
    events.push(notice.event);
  }
}

async function resultsOf(jobId: string): Promise<string[]> {
  return (await Array.fromAsync(storage.images.list(`results/${jobId}/`))).map(({ key }) => key);
}

async function assertCanceled(jobId: string, phase?: string): Promise<void> {
  const job = await end(jobId);
  assert.ok(job.status === 'canceled', job.status);
  assert.equal(job.stopped?.phase, phase);
  if (job.stopped) assert.ok(job.stopped.processingSeconds > 0);
  assert.deepEqual(await told(jobId), ['job.canceled']);
  assert.deepEqual(await resultsOf(jobId), []);
}

async function assertCompleted(jobId: string): Promise<void> {
  const job = await end(jobId);
  assert.ok(job.status === 'completed', job.status);
  assert.deepEqual(await told(jobId), ['job.completed']);
  assert.deepEqual(await resultsOf(jobId), [job.result.key, thumbnailKeyOf(job.result.key)]);
}

/** Holds every result on its way into the storage until it is let go. */
function holdResults() {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const hold = (images: ImageStore): Partial<ImageStore> => ({
    put: async (key, ...rest) => {
      if (key.startsWith('results/')) {
        reach();
        await released;
      }
      await images.put(key, ...rest);
    },
  });
  return { reached, release, hold };
}

/** Resolves once the worker has seen, in whatever call, that the job is to be canceled or that it is gone. */
function noticing() {
  const { promise: noticed, resolve: notice } = Promise.withResolvers<void>();
  const saw = (job: Job | undefined) => (job?.cancelRequestedAt === undefined ? undefined : notice());
  const met = (error: unknown) => {
    if (error instanceof JobError && error.code === 'job_gone') notice();
    throw error;
  };
  const watch = (jobs: JobStore): Partial<JobStore> => ({
    get: async (...args) => {
      const stored = await jobs.get(...args).catch(met);
      saw(stored?.job);
      return stored;
    },
    update: async (...args) => {
      const job = await jobs.update(...args).catch(met);
      saw(job);
      return job;
    },
  });
  return { noticed, watch };
}

/** The next job must not suffer. */
async function assertNextCompletes(): Promise<void> {
  const { jobId } = await submit();
  await assertCompleted(jobId);
}

describe('a job that is canceled', () => {
  it('while it waits is never begun, and its message goes', async (test) => {
    const { jobId } = await submit();
    assert.equal((await cancel(jobId)).status, 'canceled');
    const engine = startWorker(test);
    await assertCanceled(jobId);
    assert.equal(engine.begun, 0);
    await assertNextCompletes();
  });

  it('when it was just taken from the queue is not painted', async (test) => {
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    let held = false;
    const engine = startWorker(test, {
      images: (images) => ({
        get: async (key, options) => {
          if (held) return await images.get(key, options);
          reach();
          // Until the worker itself gives it up.
          await new Promise((_resolve, reject) => {
            options?.signal?.addEventListener('abort', () => {
              held = true;
              reject(options.signal?.reason);
            });
          });
          return undefined;
        },
      }),
    });
    const { jobId } = await submit();
    await reached;
    assert.equal((await cancel(jobId)).phase, 'canceling');
    await assertCanceled(jobId, 'fetching');
    assert.equal(engine.begun, 0);
    await assertNextCompletes();
  });

  it('while it is painted is stopped within a few seconds', async (test) => {
    const engine = startWorker(test);
    const release = engine.hold();
    const { jobId } = await submit();
    await until('the engine to begin', () => engine.begun === 1);
    await cancel(jobId);
    await assertCanceled(jobId, 'stylizing');
    release();
    await assertNextCompletes();
  });

  it('while its result is stored leaves no result behind', async (test) => {
    const { reached, release, hold } = holdResults();
    const { noticed, watch } = noticing();
    startWorker(test, { images: hold, jobs: watch });
    const { jobId } = await submit();
    await reached;
    await cancel(jobId);
    await noticed;
    release();
    await assertCanceled(jobId, 'storing');
    await assertNextCompletes();
  });

  it('too late for its worker to hear of it is completed, and nothing else', async (test) => {
    let asked = false;
    startWorker(test, {
      jobs: (jobs) => ({
        update: async (jobId, change, options) => {
          const seen = await jobs.get(jobId);
          if (!asked && seen && change(seen.job, 0).status === 'completed') {
            asked = true;
            assert.equal((await cancel(jobId)).phase, 'canceling');
          }
          return await jobs.update(jobId, change, options);
        },
      }),
    });
    const { jobId } = await submit();
    await assertCompleted(jobId);
    assert.ok(asked);
    assert.equal((await cancel(jobId)).status, 'completed', 'expected the request to change nothing');
  });

  it('at any moment ends as completed or as canceled, with what belongs to it', async (test) => {
    startWorker(test);
    for (let round = 0; round < 20; round += 1) {
      const { jobId } = await submit();
      await new Promise((resolve) => setTimeout(resolve, 3 * round));
      await cancel(jobId);
      const { status } = await end(jobId);
      assert.deepEqual(await told(jobId), [`job.${status}`]);
      assert.equal((await resultsOf(jobId)).length, status === 'completed' ? 2 : 0);
    }
  });
});

describe('a job that is deleted', () => {
  async function remove(jobId: string): Promise<void> {
    assert.equal(await storage.jobs.delete(jobId, () => true), true);
  }

  async function assertNothingLeft(jobId: string): Promise<void> {
    await until('the message to be gone', async () => (await storage.queue.countMessages()) === 0, 20_000);
    await until('the results to be gone', async () => (await resultsOf(jobId)).length === 0, 20_000);
    const letters = await storage.deadLetters.list({ prefix: '', limit: 10 });
    assert.deepEqual([letters.letters, await storage.notices.countMessages()], [[], 0]);
  }

  it('before anybody began it costs the worker nothing: its message goes at once', async (test) => {
    const { jobId } = await submit();
    await remove(jobId);
    const engine = startWorker(test);
    await assertNothingLeft(jobId);
    assert.equal(engine.begun, 0);
    await assertNextCompletes();
  });

  it('while it is painted is given up', async (test) => {
    const engine = startWorker(test);
    const release = engine.hold();
    const { jobId } = await submit();
    await until('the engine to begin', () => engine.begun === 1);
    await remove(jobId);
    await assertNothingLeft(jobId);
    release();
    await assertNextCompletes();
  });

  it('while its result is stored takes the result with it', async (test) => {
    const { reached, release, hold } = holdResults();
    const { noticed, watch } = noticing();
    startWorker(test, { images: hold, jobs: watch });
    const { jobId } = await submit();
    await reached;
    await remove(jobId);
    await noticed;
    release();
    await assertNothingLeft(jobId);
    await assertNextCompletes();
  });

  it('just before its result is named takes the result with it', async (test) => {
    let removed = false;
    startWorker(test, {
      jobs: (jobs) => ({
        update: async (jobId, change, options) => {
          const seen = removed ? undefined : await jobs.get(jobId);
          if (seen && change(seen.job, 0).status === 'completed') {
            removed = true;
            await remove(jobId);
          }
          return await jobs.update(jobId, change, options);
        },
      }),
    });
    const { jobId } = await submit();
    await until('the removal', () => removed, 20_000);
    await assertNothingLeft(jobId);
    await assertNextCompletes();
  });
});
