// What every JobStore, ImageStore, DeadLetterStore and WorkerDirectory must do, whoever implements it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { JobError } from '../errors.ts';
import type { Job } from '../job.ts';
import type { DeadLetterStore, ImageStore, JobStore, WorkerDirectory, WorkerReport } from '../ports.ts';
import { transition } from '../transition.ts';
import { someJob } from './fixtures.ts';

const at = '2026-01-02T03:04:06.000Z';
const claimedBy = (owner: string) => (job: Job) => transition(job, { type: 'claimed', owner, at });

export function describeJobStore(name: string, getStore: () => JobStore): void {
  describe(`${name}: JobStore`, () => {
    it('gives back what was created, with an age that starts near zero', async () => {
      const job = someJob();
      await getStore().create(job);
      const stored = await getStore().get(job.jobId);
      assert.deepEqual(stored?.job, job);
      assert.ok(stored.ageSeconds >= 0 && stored.ageSeconds < 60, `age ${stored.ageSeconds}`);
    });

    it('knows nothing of a job that was never created', async () => {
      assert.equal(await getStore().get(randomUUID()), undefined);
      const update = getStore().update(randomUUID(), (job) => ({ ...job }));
      await assert.rejects(update, (error) => error instanceof JobError && error.code === 'job_not_found');
    });

    it('creates a job once: of several creators exactly one succeeds', async () => {
      const job = someJob();
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => getStore().create(job)));
      assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
    });

    it('loses no change when several write at once', async () => {
      const job = someJob();
      await getStore().create(job);
      const add = () => getStore().update(job.jobId, (now) => ({ ...now, handBacks: now.handBacks + 1 }));
      await Promise.all(Array.from({ length: 6 }, add));
      assert.equal((await getStore().get(job.jobId))?.job.handBacks, 6);
    });

    it('lets one of several claimants win', async () => {
      const job = someJob();
      await getStore().create(job);
      const claim = (owner: string) =>
        getStore().update(job.jobId, (now) => (now.status === 'queued' ? claimedBy(owner)(now) : now));
      const seen = await Promise.all(['a', 'b', 'c', 'd'].map(claim));
      const owners = new Set(seen.map((one) => one.status === 'processing' && one.owner));
      assert.equal(owners.size, 1, `owners ${[...owners]}`);
    });

    it('writes nothing when the change returns what it was given', async () => {
      const job = someJob();
      await getStore().create(job);
      const before = await getStore().get(job.jobId);
      assert.deepEqual(await getStore().update(job.jobId, (now) => now), before?.job);
    });

    it('passes on what the change throws and keeps the record', async () => {
      const job = someJob();
      await getStore().create(job);
      const update = getStore().update(job.jobId, () => {
        throw new Error('no');
      });
      await assert.rejects(update, /no/);
      assert.deepEqual((await getStore().get(job.jobId))?.job, job);
    });

    it('does not start on an aborted signal', async () => {
      const signal = AbortSignal.abort();
      await assert.rejects(getStore().get(randomUUID(), { signal }), { name: 'AbortError' });
    });
  });
}

export function describeImageStore(name: string, getStore: () => ImageStore): void {
  describe(`${name}: ImageStore`, () => {
    const bytes = Buffer.from([0, 255, 10, 13, 0, 200]);

    it('gives back the bytes, their type, length and an ETag', async () => {
      const key = `inputs/${randomUUID()}/content`;
      await getStore().put(key, bytes, 'image/png');
      const image = await getStore().get(key);
      assert.ok(image);
      assert.deepEqual(await buffer(image.body), bytes);
      assert.equal(image.bytes, bytes.length);
      assert.equal(image.contentType, 'image/png');
      assert.match(image.etag, /^"?.+"?$/);
    });

    it('replaces what was there, under a new ETag', async () => {
      const key = `results/${randomUUID()}/1.png`;
      await getStore().put(key, bytes, 'image/png');
      const first = await getStore().get(key);
      await getStore().put(key, Buffer.from('other'), 'image/webp');
      const second = await getStore().get(key);
      assert.ok(first && second);
      assert.notEqual(second.etag, first.etag);
      assert.equal((await buffer(second.body)).toString(), 'other');
      first.body.destroy();
    });

    it('takes an image of several megabytes', async () => {
      const key = `inputs/${randomUUID()}/style`;
      const large = Buffer.alloc(6 * 1024 * 1024, 7);
      await getStore().put(key, large, 'image/tiff');
      const image = await getStore().get(key);
      assert.ok(image && (await buffer(image.body)).equals(large));
    });

    it('knows nothing of an image that was never put, or was deleted', async () => {
      const key = `inputs/${randomUUID()}/content`;
      assert.equal(await getStore().get(key), undefined);
      await getStore().put(key, bytes, 'image/png');
      await getStore().delete(key);
      await getStore().delete(key);
      assert.equal(await getStore().get(key), undefined);
    });
  });
}

export function describeDeadLetterStore(
  name: string,
  getStore: () => DeadLetterStore,
  read: (letter: string) => Promise<string | undefined>,
): void {
  describe(`${name}: DeadLetterStore`, () => {
    it('keeps the first letter of a name', async () => {
      const letter = `${randomUUID()}/3`;
      await getStore().record(letter, { reason: 'image_corrupt', message: 'first', at });
      await getStore().record(letter, { reason: 'image_corrupt', message: 'second', at });
      assert.equal(await read(letter), 'first');
    });
  });
}

export function describeWorkerDirectory(name: string, getDirectory: () => WorkerDirectory): void {
  describe(`${name}: WorkerDirectory`, () => {
    it('lists the latest report of each worker with its age', async () => {
      const report: WorkerReport = {
        workerId: randomUUID(),
        state: 'ready',
        model: 'impasto-v1',
        executionProvider: 'cpu',
        recentJobSeconds: [],
      };
      await getDirectory().publish(report);
      const later = { ...report, state: 'busy', coldStartSeconds: 2.5, recentJobSeconds: [1.25, 3] } as const;
      await getDirectory().publish(later);
      await getDirectory().forgetOld();
      const mine = (await getDirectory().list()).filter((one) => one.report.workerId === report.workerId);
      assert.deepEqual(
        mine.map((one) => one.report),
        [later],
      );
      assert.ok(mine.every((one) => one.ageSeconds >= 0 && one.ageSeconds < 60));
    });
  });
}
