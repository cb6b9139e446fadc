// What every JobStore, ImageStore, DeadLetterStore and WorkerDirectory must do, whoever implements it.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { JobError } from '../errors.ts';
import { isDone, type Job } from '../job.ts';
import type {
  DeadLetterStore,
  ImageStore,
  JobStore,
  JobSummary,
  ListedImage,
  Mutex,
  StoredImage,
  WorkerDirectory,
  WorkerReport,
} from '../ports.ts';
import { countIn } from '../telemetry/metrics-buckets.ts';
import { transition } from '../transition.ts';
import { someJob, someResult } from './fixtures.ts';

const at = '2026-01-02T03:04:06.000Z';
const claimedBy = (owner: string) => (job: Job) => transition(job, { type: 'claimed', owner, at });

async function summaryOf(store: JobStore, jobId: string): Promise<JobSummary | undefined> {
  for await (const one of store.list()) if (one.jobId === jobId) return one;
  return undefined;
}

export function describeJobStore(name: string, getStore: () => JobStore): void {
  describe(`${name}: JobStore`, () => {
    it('gives back what was created, with an age that starts near zero', async () => {
      const job = someJob();
      await getStore().create(job);
      const stored = await getStore().get(job.jobId);
      assert.deepEqual(stored?.job, job);
      assert.ok(stored.ageSeconds >= 0 && stored.ageSeconds < 60, `age ${stored.ageSeconds}`);
    });

    it('gives each write a version of its own', async () => {
      const job = someJob();
      await getStore().create(job);
      const first = await getStore().get(job.jobId);
      assert.equal((await getStore().get(job.jobId))?.version, first?.version);
      await getStore().update(job.jobId, claimedBy('a'));
      assert.notEqual((await getStore().get(job.jobId))?.version, first?.version);
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

    it('lists every job with what a listing shows, until it is deleted', async () => {
      const queued = someJob();
      const failed = { ...someJob(), status: 'failed', attempt: 3, replays: 1, completedAt: at } as const;
      const completed = { ...someJob(), status: 'completed', completedAt: at, result: someResult } as const;
      await getStore().create(queued);
      await getStore().create({ ...failed, error: { code: 'x', message: 'y', retryable: false } });
      await getStore().create(completed);
      const listed = new Map<string, JobSummary>();
      for await (const one of getStore().list()) listed.set(one.jobId, one);
      const { ageSeconds, ...summary } = listed.get(queued.jobId) ?? assert.fail('the queued job is missing');
      assert.ok(ageSeconds >= 0 && ageSeconds < 60, `age ${ageSeconds}`);
      const { jobId, expiresAt } = queued;
      assert.deepEqual(summary, { jobId, status: 'queued', attempt: 0, replays: 0, expiresAt });
      const other = listed.get(failed.jobId);
      assert.deepEqual([other?.status, other?.attempt, other?.replays, other?.reason], ['failed', 3, 1, 'x']);
      assert.equal(listed.get(completed.jobId)?.resultKey, someResult.key);
      assert.equal(await getStore().delete(jobId, isDone), false);
      assert.deepEqual((await getStore().get(jobId))?.job, queued);
    });

    it('lists how long a job is kept and what its receiver wants to know, where its caller said so', async () => {
      const webhook = { url: 'https://a.example/', origin: 'https://b.example', events: ['job.failed'] };
      const job = { ...someJob(), retentionHours: 1.5, webhook } as Job;
      await getStore().create(job);
      await getStore().update(job.jobId, claimedBy('a'));
      const listed = await summaryOf(getStore(), job.jobId);
      assert.deepEqual([listed?.retentionHours, listed?.webhookEvents], [1.5, ['job.failed']]);
      assert.equal(listed?.picturesAreGone, undefined);
    });

    it('lists whether the time of a job is over', async () => {
      const ended = { completedAt: at, phase: 'done' };
      const job = { ...someJob(), ...ended, status: 'expired', picturesRemovedAt: at } as Job;
      await getStore().create(job);
      assert.equal((await summaryOf(getStore(), job.jobId))?.picturesAreGone, true);
    });

    it('leaves a note of a deleted job, with the date, until that is purged', async () => {
      const { jobId } = someJob();
      const job = { ...someJob(), jobId };
      await getStore().create(job);
      const before = Date.now() - 60_000;
      assert.equal(await getStore().delete(jobId, () => true), true);
      assert.equal(
        await getStore().delete(jobId, () => assert.fail('there is no record to ask about')),
        true,
      );
      const isGone = (error: unknown) => {
        assert.ok(error instanceof JobError && error.code === 'job_gone', String(error));
        const goneAt = Date.parse(error.goneAt ?? '');
        return goneAt > before && goneAt < Date.now() + 60_000;
      };
      await assert.rejects(getStore().get(jobId), isGone);
      await assert.rejects(
        getStore().update(jobId, (now) => ({ ...now })),
        isGone,
      );
      await assert.rejects(getStore().create(job), /found one/);
      const { ageSeconds, ...note } =
        (await summaryOf(getStore(), jobId)) ?? assert.fail('no note is listed');
      assert.ok(ageSeconds >= 0 && ageSeconds < 60, `age ${ageSeconds}`);
      assert.deepEqual(note, { jobId, status: 'gone', attempt: 0, replays: 0 });
      await getStore().purge(jobId);
      await getStore().purge(jobId);
      assert.equal(await getStore().get(jobId), undefined);
      assert.equal(await summaryOf(getStore(), jobId), undefined);
    });

    it('purges no record', async () => {
      const job = someJob();
      await getStore().create(job);
      await getStore().purge(job.jobId);
      assert.deepEqual((await getStore().get(job.jobId))?.job, job);
    });

    it('has nothing to delete of a job that was never created, and leaves no note of it', async () => {
      const jobId = randomUUID();
      assert.equal(await getStore().delete(jobId, () => true), true);
      assert.equal(await getStore().get(jobId), undefined);
    });

    it('does not delete a record that was changed after it was looked at', async () => {
      const job = someJob();
      await getStore().create(job);
      let changing = Promise.resolve(false);
      const deleted = await getStore().delete(job.jobId, () => {
        changing = getStore()
          .update(job.jobId, claimedBy('other'))
          .then(
            () => true,
            () => false,
          );
        return true;
      });
      assert.notEqual(deleted, await changing);
      assert.equal((await summaryOf(getStore(), job.jobId))?.status, deleted ? 'gone' : 'processing');
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

    const bodyOf = (image: StoredImage | undefined) => buffer(image?.body ?? assert.fail('no image'));

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

    it('refuses an image that is not what its MD5 says', async () => {
      const key = `results/${randomUUID()}/1.png`;
      const md5 = createHash('md5').update(bytes).digest();
      const damaged = getStore().put(key, Buffer.from('damaged'), 'image/png', { md5 });
      await assert.rejects(damaged, JobError);
      assert.equal(await getStore().get(key), undefined);
      await getStore().put(key, bytes, 'image/png', { md5 });
      assert.deepEqual(await bodyOf(await getStore().get(key)), bytes);
    });

    it('takes an image of several megabytes', async () => {
      const key = `inputs/${randomUUID()}/style`;
      const large = Buffer.alloc(6 * 1024 * 1024, 7);
      await getStore().put(key, large, 'image/tiff');
      const image = await getStore().get(key);
      assert.ok(image && (await buffer(image.body)).equals(large));
    });

    it('gives back a part, with its own length and the ETag of the whole', async () => {
      const key = `results/${randomUUID()}/1.png`;
      await getStore().put(key, bytes, 'image/png');
      const whole = await getStore().get(key);
      const part = await getStore().get(key, { range: { offset: 2, count: 3 } });
      assert.ok(whole && part);
      assert.deepEqual(await buffer(part.body), bytes.subarray(2, 5));
      assert.deepEqual([part.bytes, part.contentType, part.etag], [3, 'image/png', whole.etag]);
      const last = await getStore().get(key, { range: { offset: 5, count: 1 } });
      assert.deepEqual(await bodyOf(last), bytes.subarray(5));
      whole.body.destroy();
    });

    it('signs an address that is good for as long as it says', async () => {
      const key = `results/${randomUUID()}/1.png`;
      await getStore().put(key, bytes, 'image/png');
      const before = Date.now();
      const { url, expiresAt } = await getStore().sign(key, { seconds: 1800, fileName: 'a.png' });
      const seconds = (Date.parse(expiresAt) - before) / 1000;
      assert.ok(seconds > 1795 && seconds < 1860, `${seconds} s`);
      assert.ok(decodeURIComponent(new URL(url).pathname).endsWith(key));
    });

    it('lists the images of a prefix with their sizes', async () => {
      const prefix = `inputs/${randomUUID()}/`;
      await getStore().put(`${prefix}style`, bytes, 'image/png');
      await getStore().put(`${prefix}content`, Buffer.from('abc'), 'image/png');
      const listed: ListedImage[] = [];
      for await (const one of getStore().list(prefix)) listed.push(one);
      const seen = listed.map(({ key, bytes }) => [key.slice(prefix.length), bytes]);
      assert.deepEqual(seen, [
        ['content', 3],
        ['style', bytes.length],
      ]);
      assert.ok(listed.every(({ ageSeconds }) => ageSeconds >= 0 && ageSeconds < 60));
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

export function describeDeadLetterStore(name: string, getStore: () => DeadLetterStore): void {
  const letter = { state: 'open', reason: 'image_corrupt', message: 'no „picture“', at, replays: 2 } as const;

  describe(`${name}: DeadLetterStore`, () => {
    it('keeps the first letter of a name', async () => {
      const first = { ...letter, jobId: randomUUID(), attempt: 3 };
      const own = `${first.jobId}/2`;
      await getStore().record(own, first);
      await getStore().record(own, { ...first, message: 'second' });
      assert.deepEqual(await getStore().get(own), first);
      assert.equal(await getStore().get(`${randomUUID()}/0`), undefined);
    });

    it('marks a letter, and forgets one', async () => {
      const own = `${randomUUID()}/0`;
      await getStore().mark(own, 'replayed');
      assert.equal(await getStore().get(own), undefined);
      await getStore().record(own, letter);
      await getStore().mark(own, 'replayed');
      await getStore().mark(own, 'replayed');
      assert.deepEqual(await getStore().get(own), { ...letter, state: 'replayed' });
      await getStore().delete(own);
      await getStore().delete(own);
      assert.equal(await getStore().get(own), undefined);
    });

    it('lists page by page, each letter once', async () => {
      const prefix = `${randomUUID()}/`;
      for (const replays of [0, 1, 2, 3, 4])
        await getStore().record(`${prefix}${replays}`, { ...letter, replays });
      const seen: (number | undefined)[] = [];
      let cursor: string | undefined;
      do {
        const page = await getStore().list({ prefix, limit: 2, cursor });
        assert.ok(page.letters.length <= 2);
        seen.push(...page.letters.map((one) => one.replays));
        cursor = page.cursor;
      } while (cursor !== undefined);
      assert.deepEqual(seen, [0, 1, 2, 3, 4]);
      const [one] = (await getStore().list({ prefix, limit: 1 })).letters;
      assert.ok(one && one.ageSeconds >= 0 && one.ageSeconds < 60);
      assert.deepEqual([one.name, one.state, one.reason, one.at], [`${prefix}0`, 'open', letter.reason, at]);
    });

    it('refuses a cursor that it did not give', async () => {
      for (const cursor of ['', 'abc', Buffer.from('{}').toString('base64url')]) {
        const forged = getStore().list({ limit: 2, cursor });
        await assert.rejects(forged, (error) => error instanceof JobError && error.code === 'invalid_cursor');
      }
    });
  });
}

export function describeMutex(name: string, getMutex: () => Mutex): void {
  describe(`${name}: Mutex`, () => {
    it('lets one run at a time, and the next one afterwards', async () => {
      let running = 0;
      let most = 0;
      const work = async () => {
        running += 1;
        most = Math.max(most, running);
        await delay(300);
        running -= 1;
      };
      const ran = await Promise.all([
        getMutex().tryRun(work),
        getMutex().tryRun(work),
        getMutex().tryRun(work),
      ]);
      assert.deepEqual([ran.filter(Boolean).length, most], [1, 1]);
      assert.equal(await getMutex().tryRun(work), true);
    });

    it('passes on what the work throws, and is free again', async () => {
      const failing = getMutex().tryRun(async () => {
        throw new Error('no');
      });
      await assert.rejects(failing, /no/);
      assert.equal(await getMutex().tryRun(async () => {}), true);
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
      const seconds = { coldStartSeconds: 2.5, recentJobSeconds: [1.25, 3], modelLoadSeconds: 1.5 };
      const stageSeconds = { decode: countIn(undefined, 0.02), stylize: countIn(undefined, 70) };
      const later = { ...report, state: 'busy', ...seconds, stageSeconds } as const;
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
