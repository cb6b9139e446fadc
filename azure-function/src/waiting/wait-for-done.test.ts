import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { JobError, type JobEvent, transition } from '@impasto/shared';
import { makeMemoryJobStore, someJob, someResult } from '@impasto/shared/testing';
import { makeReadJob } from '../jobs/read-job.ts';
import { testRetention } from '../testing/views.ts';
import { makePlaces, mostStreams, mostWaiters } from './places.ts';
import { makeWaitForDone } from './wait-for-done.ts';

const at = '2026-01-02T03:04:06.000Z';
const claim = { owner: 'a', attempt: 1 };
const claimed: JobEvent = { type: 'claimed', owner: 'a', at };
const completed: JobEvent = { type: 'completed', claim, result: someResult, at };

/** One job, and reads of it that are counted and fail on demand. */
async function setUp({ places = makePlaces(mostWaiters) } = {}) {
  const jobs = makeMemoryJobStore();
  const job = someJob();
  await jobs.create(job);
  const state = { reads: 0, down: false };
  const readStored = makeReadJob(jobs, testRetention);
  const readJob = async (jobId: string) => {
    state.reads += 1;
    await delay(5); // as long as a storage takes
    if (state.down) throw new JobError('storage_unavailable', 'down');
    return await readStored(jobId);
  };
  const waitForDone = makeWaitForDone({ readJob, places });
  return {
    ...{ jobs, job, state },
    wait: (seconds: number, gone?: AbortSignal) => waitForDone(job.jobId, seconds, gone),
    change: (...events: JobEvent[]) => jobs.update(job.jobId, (now) => events.reduce(transition, now)),
  };
}

async function timed<T>(work: Promise<T>): Promise<{ outcome: T; seconds: number }> {
  const startedAt = performance.now();
  const outcome = await work;
  return { outcome, seconds: (performance.now() - startedAt) / 1_000 };
}

describe('waiting for a job to be done', () => {
  it('is over at once where no time is given, or the job is done', async () => {
    const { wait, change, state } = await setUp();
    assert.equal((await wait(0)).job.status, 'queued');
    await change(claimed, completed);
    const { outcome, seconds } = await timed(wait(30));
    assert.equal(outcome.job.status, 'completed');
    assert.ok(seconds < 10);
    assert.equal(state.reads, 2);
  });

  it('is over as soon as the job is done', async () => {
    const { wait, change } = await setUp();
    const waiting = timed(wait(50));
    await delay(100);
    await change(claimed, completed);
    const { outcome, seconds } = await waiting;
    assert.equal(outcome.job.status, 'completed');
    assert.ok(seconds < 25, `${seconds}`);
  });

  it('gives the job as it is when the time is over', async () => {
    const { wait, change } = await setUp();
    const waiting = timed(wait(0.4));
    await delay(50);
    await change(claimed);
    const { outcome, seconds } = await waiting;
    assert.equal(outcome.job.status, 'processing');
    assert.ok(seconds >= 0.39, `${seconds}`);
  });

  it('ends with the job that is removed, or was never there', async () => {
    const { wait, jobs, job } = await setUp();
    const waiting = wait(50);
    await delay(50);
    await jobs.delete(job.jobId, () => true);
    await assert.rejects(waiting, { code: 'job_gone' });
    await jobs.purge(job.jobId);
    await assert.rejects(wait(50), { code: 'job_not_found' });
  });

  it('ends when the caller leaves', async () => {
    const { wait } = await setUp({ places: makePlaces(1) });
    const left = new AbortController();
    const waiting = timed(wait(50, left.signal));
    await delay(50);
    left.abort();
    assert.ok((await waiting).seconds < 25);
    assert.ok((await timed(wait(0.3))).seconds >= 0.29, 'expected the place to be free again');
  });

  it('outlasts an outage of the storage', async () => {
    const { wait, change, state } = await setUp();
    state.down = true;
    const waiting = wait(50);
    await delay(300);
    state.down = false;
    await change(claimed, completed);
    assert.equal((await waiting).job.status, 'completed');
  });

  it('fails where the last read does, when the time is over', async () => {
    const { wait, state } = await setUp();
    const waiting = timed(wait(0.4).catch((error: unknown) => error));
    await delay(50);
    state.down = true;
    const { outcome, seconds } = await waiting;
    assert.ok(outcome instanceof JobError && outcome.code === 'storage_unavailable', String(outcome));
    assert.ok(seconds >= 0.39, `${seconds}`);
  });

  it('costs the storage little more for a crowd than for one', async () => {
    const { wait, state } = await setUp();
    await Promise.all(Array.from({ length: 100 }, () => wait(1)));
    // One alone: at the start, three times in between, and at the end. Those who come during a read share the next one.
    assert.ok(state.reads <= 30, `${state.reads}`);
  });

  it('is not for more callers than there are places, and gives places back', async () => {
    const { wait, change } = await setUp({ places: makePlaces(2) });
    const waiting = [wait(50), wait(50)];
    const { seconds, outcome } = await timed(wait(50));
    assert.equal(outcome.job.status, 'queued');
    assert.ok(seconds < 25);
    await change(claimed, completed);
    await Promise.all(waiting);
    const { wait: waitAgain, state } = await setUp({ places: makePlaces(1) });
    state.down = true;
    await assert.rejects(waitAgain(0.1));
    state.down = false;
    assert.ok((await timed(waitAgain(0.3))).seconds >= 0.29);
  });
});

describe('answers that are held back', () => {
  it('share their places, whatever they wait for', async () => {
    const places = makePlaces(2);
    const one = await setUp({ places });
    const other = await setUp({ places });
    const waiting = [one.wait(50), other.wait(50)];
    for (const { wait } of [one, other]) assert.ok((await timed(wait(50))).seconds < 25);
    for (const { change } of [one, other]) await change(claimed, completed);
    await Promise.all(waiting);
    assert.ok(places.take() && places.take());
  });

  it('leave a quarter of what the platform lets in to those who do not wait', async () => {
    const host = JSON.parse(await readFile(new URL('../../host.json', import.meta.url), 'utf8'));
    assert.ok(mostWaiters + mostStreams <= host.extensions.http.maxConcurrentRequests * 0.75);
  });
});

describe('a place', () => {
  it('is given back once, however often that is said', () => {
    const places = makePlaces(2);
    const leave = places.take();
    assert.ok(leave && places.take());
    assert.equal(places.take(), undefined);
    leave();
    leave();
    assert.ok(places.take());
    assert.equal(places.take(), undefined);
  });
});
