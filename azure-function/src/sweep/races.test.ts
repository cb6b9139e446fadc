// What happens to a job between the moment a sweep has planned its repair and the moment it carries it out.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDone, type Job, type JobStore, recordFailedJob, transition } from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult } from '@impasto/shared/testing';
import { lookUp } from '../jobs/look-up.ts';
import { failedAs } from '../testing/dead-letter-house.ts';
import { defaultSweepSettings as settings } from '../testing/sweep-settings.ts';
import { applyRepair } from './apply-repair.ts';
import { noLeftovers } from './leftovers.ts';
import { planRepairs, type Repair } from './plan-repairs.ts';
import { takeSnapshot } from './snapshot.ts';

const at = '2026-01-02T03:04:06.000Z';
const claim = { owner: 'a', attempt: 1 };
const bytes = Buffer.from('picture');

/** Storage whose time the test moves. */
function setUp() {
  let nowMs = 1_000_000_000;
  const clock = () => nowMs;
  const storage = makeMemoryPorts(clock);
  const { jobs, images, deadLetters } = storage;

  async function putInputs(job: Job): Promise<void> {
    for (const key of Object.values(job.inputs)) await images.put(key, bytes, 'image/png');
  }
  return {
    ...storage,
    putInputs,
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
    async submit(job: Job = someJob()): Promise<Job> {
      await putInputs(job);
      await jobs.create(job);
      return job;
    },
    fail: async ({ jobId }: Job) =>
      recordFailedJob(deadLetters, await jobs.update(jobId, (job) => failedAs(job, 'model_failed'))),
    replay: ({ jobId }: Job) =>
      jobs.update(jobId, (job) =>
        transition(job, { type: 'replayed', expiresAt: '2100-01-01T00:00:00.000Z' }),
      ),
    claimed: ({ jobId }: Job) =>
      jobs.update(jobId, (job) => transition(job, { type: 'claimed', owner: claim.owner, at })),
    async jobOf({ jobId }: Job): Promise<Job | undefined> {
      const job = await lookUp(jobs, jobId, {});
      return job === 'gone' ? undefined : job;
    },
    plan: async () => planRepairs(await takeSnapshot(storage, noLeftovers, {}), settings, new Date()),
    /** @returns of each repair whether there was anything to do. */
    apply: (repairs: readonly Repair[], changes: { jobs?: JobStore } = {}) =>
      Promise.all(repairs.map((repair) => applyRepair({ ...storage, ...changes }, settings, repair, {}))),
  };
}

type House = ReturnType<typeof setUp>;

describe('a job that is about to be forgotten', () => {
  async function setUpOldFailure(): Promise<{ house: House; job: Job; planned: Repair[] }> {
    const house = setUp();
    const job = await house.submit();
    await house.fail(job);
    house.pass(8 * 24 * 3600);
    const planned = await house.plan();
    assert.deepEqual(planned, [{ kind: 'forget', jobId: job.jobId }]);
    return { house, job, planned };
  }

  it('stays, with its images and its letter, when it is replayed just before', async () => {
    const { house, job, planned } = await setUpOldFailure();
    await house.replay(job);
    assert.deepEqual(await house.apply(planned), [false]);
    assert.equal((await house.jobOf(job))?.status, 'queued');
    assert.deepEqual(house.images.keys(), Object.values(job.inputs).sort());
    assert.equal(house.deadLetters.letters.size, 1);
  });

  it('stays for its time when it is replayed just before and has failed again', async () => {
    const { house, job, planned } = await setUpOldFailure();
    await house.replay(job);
    await house.fail(job);
    assert.deepEqual(await house.apply(planned), [false]);
    assert.equal((await house.jobOf(job))?.status, 'failed');
    assert.equal(house.images.keys().length, 2);
  });

  it('stays while it is open, however old its record is', async () => {
    const { house, job, planned } = await setUpOldFailure();
    await house.replay(job);
    house.pass(8 * 24 * 3600);
    assert.deepEqual(await house.apply(planned), [false]);
    assert.equal((await house.jobOf(job))?.status, 'queued');
  });

  it('keeps its images and its letter while its record cannot be deleted', async () => {
    const { house, job, planned } = await setUpOldFailure();
    const refuse = async () => {
      throw new Error('the storage went away');
    };
    await assert.rejects(house.apply(planned, { jobs: { ...house.jobs, delete: refuse } }), /went away/);
    assert.equal(house.images.keys().length, 2);
    assert.equal(house.deadLetters.letters.size, 1);
    assert.deepEqual(await house.apply(planned), [true]);
    assert.equal(await house.jobOf(job), undefined);
    assert.deepEqual([house.images.keys(), house.deadLetters.letters.size], [[], 0]);
  });
});

describe('a job that is about to expire', () => {
  it('stays when it is replayed just before, with a later deadline', async () => {
    const house = setUp();
    const job = await house.submit({ ...someJob(), expiresAt: at });
    const planned = await house.plan();
    assert.deepEqual(planned, [{ kind: 'expire', jobId: job.jobId }]);
    await house.fail(job);
    await house.replay(job);
    assert.deepEqual(await house.apply(planned), [false]);
    assert.equal((await house.jobOf(job))?.status, 'queued');
  });
});

describe('a failed job whose letter is about to be written', () => {
  it('gets none when it is replayed just before', async () => {
    const house = setUp();
    const job = await house.submit();
    await house.jobs.update(job.jobId, (now) => failedAs(now, 'model_failed'));
    const planned = await house.plan();
    assert.deepEqual(planned, [{ kind: 'write_letter', jobId: job.jobId }]);
    await house.replay(job);
    assert.deepEqual(await house.apply(planned), [false]);
    assert.equal(house.deadLetters.letters.size, 0);
  });
});

describe('a claim that is about to lapse', () => {
  it('stays when its worker is heard of just before', async () => {
    const house = setUp();
    const job = await house.submit();
    await house.claimed(job);
    house.pass(181);
    const planned = await house.plan();
    assert.deepEqual(planned, [{ kind: 'lapse', jobId: job.jobId }]);
    await house.jobs.update(job.jobId, (now) =>
      transition(now, { type: 'progressed', claim, phase: 'stylizing', progress: 0.5 }),
    );
    assert.deepEqual(await house.apply(planned), [false]);
    const after = await house.jobOf(job);
    assert.ok(after?.status === 'processing');
    assert.deepEqual([after.owner, after.crashes], ['a', 0]);
  });
});

describe('an image that is about to be deleted', () => {
  /** A failed job, and a result that it does not name, old enough to go. */
  async function setUpNamelessResult() {
    const house = setUp();
    const job = await house.submit();
    const key = `results/${job.jobId}/1-a.png`;
    await house.images.put(key, bytes, 'image/png');
    await house.fail(job);
    house.pass(181);
    const planned = await house.plan();
    assert.deepEqual(planned, [{ kind: 'delete_image', id: job.jobId, key }]);
    return { house, job, key, planned };
  }

  it('stays when its submission is finished just before', async () => {
    const house = setUp();
    const job = someJob();
    await house.putInputs(job);
    house.pass(25 * 3600);
    const planned = await house.plan();
    assert.deepEqual(
      planned.map(({ kind }) => kind),
      ['delete_image', 'delete_image'],
    );
    await house.jobs.create(job);
    assert.deepEqual(await house.apply(planned), [false, false]);
    await house.fail(job);
    assert.deepEqual(
      await house.apply(planned),
      [false, false],
      'expected the inputs to be kept for a replay',
    );
    assert.equal(house.images.keys().length, 2);
  });

  it('stays when the record comes to name it just before', async () => {
    const { house, job, key, planned } = await setUpNamelessResult();
    await house.replay(job);
    await house.claimed(job);
    const result = { ...someResult, key };
    await house.jobs.update(job.jobId, (now) => transition(now, { type: 'completed', claim, result, at }));
    assert.deepEqual(await house.apply(planned), [false]);
    assert.ok(house.images.keys().includes(key));
  });

  it('stays when an attempt begins just before, which may yet name it, and goes once that has ended', async () => {
    const { house, job, key, planned } = await setUpNamelessResult();
    await house.replay(job);
    await house.claimed(job);
    assert.deepEqual(await house.apply(planned), [false]);
    assert.ok(house.images.keys().includes(key));
    const ended = await house.jobs.update(job.jobId, (now) => transition(now, { type: 'canceled', at }));
    assert.ok(isDone(ended));
    assert.deepEqual(await house.apply(planned), [true]);
    assert.ok(!house.images.keys().includes(key));
  });
});
