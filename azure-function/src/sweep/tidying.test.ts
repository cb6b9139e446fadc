// What stays behind when jobs and batches are gone, and how long.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  type BatchRecord,
  indexNameOf,
  type Job,
  JobError,
  recordFailedJob,
  silentLogger,
  thumbnailKeyOf,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult } from '@impasto/shared/testing';
import { openHouse as openBatchHouse } from '../batch/testing-house.ts';
import { failedAs } from '../testing/dead-letter-house.ts';
import { defaultSweepSettings as settings } from '../testing/sweep-settings.ts';
import { makeLookForLeftovers } from './leftovers.ts';
import { makeSweep } from './sweep.ts';

const hour = 3600;
const day = 24 * hour;
const at = '2026-01-02T03:04:06.000Z';
const bytes = Buffer.from('picture');

/** Time that the test moves; deadlines are by the real clock, which stands still beside it. */
function setUp() {
  let nowMs = Date.now();
  const clock = () => nowMs;
  const ports = makeMemoryPorts(clock);
  const { jobs, images, jobIndex } = ports;
  const put = (key: string) => images.put(key, bytes, 'image/png');
  return {
    ...ports,
    put,
    sweep: makeSweep({ ...ports, settings, log: silentLogger, clock }),
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
    async submit(facts: Partial<Job> = {}): Promise<Job> {
      const job = { ...someJob(), ...facts } as Job;
      await jobIndex.create(indexNameOf(job), {});
      for (const key of Object.values(job.inputs)) await put(key);
      await jobs.create(job);
      return job;
    },
    async complete({ jobId }: Job): Promise<string> {
      const key = `results/${jobId}/1-a.png`;
      await put(key);
      await put(thumbnailKeyOf(key));
      await jobs.update(jobId, (job) => {
        const begun = transition(job, { type: 'claimed', owner: 'a', at });
        const result = { ...someResult, key, thumbnail: { width: 8, height: 6, bytes: 7 } };
        return transition(begun, { type: 'completed', claim: { owner: 'a', attempt: 1 }, result, at });
      });
      return key;
    },
  };
}

type House = ReturnType<typeof setUp>;

/** Two jobs that share their pictures, and the record of their batch. */
async function addBatch(house: House, keptUntil: string): Promise<{ batch: BatchRecord; jobs: Job[] }> {
  const batchId = crypto.randomUUID();
  const inputs = { content: `inputs/${batchId}/content-0`, style: `inputs/${batchId}/style-0` };
  const jobs = [0, 1].map((index) => ({ ...someJob(), inputs, batch: { id: batchId, index } }));
  const batch = {
    batchId,
    createdAt: someJob().createdAt,
    contents: [inputs.content],
    styles: [inputs.style],
    items: jobs.map(({ jobId }) => ({ jobId, content: 0, style: 0 })),
    metadata: {},
    keptUntil,
  };
  await house.batches.create(batchId, batch);
  for (const job of jobs) await house.submit(job);
  return { batch, jobs };
}

const inputsOf = (house: House) => house.images.keys().filter((key) => key.startsWith('inputs/'));
const past = '2026-01-03T00:00:00.000Z';
const future = '2100-01-01T00:00:00.000Z';

describe('a sweep, of a job that is gone', () => {
  it('removes all that belonged to it, and the note itself after its time', async () => {
    const house = setUp();
    const job = await house.submit();
    await house.complete(job);
    house.pass(25 * hour);
    assert.deepEqual(await house.sweep(), { forget: 1 });
    assert.deepEqual([house.images.keys(), house.jobIndex.names()], [[], []]);
    house.pass(29 * day);
    assert.deepEqual(await house.sweep(), {});
    house.pass(2 * day);
    assert.deepEqual(await house.sweep(), { purge_note: 1 });
    assert.equal(await house.jobs.get(job.jobId), undefined);
  });

  it('removes at once what somebody who died had not come to remove', async () => {
    const house = setUp();
    const job = await house.submit();
    await house.complete(job);
    await recordFailedJob(house.deadLetters, failedAs(someJob(), 'model_failed'));
    const failed = failedAs({ ...job, attempt: 0 }, 'model_failed');
    await recordFailedJob(house.deadLetters, failed);
    await house.deliveries.create(`${job.jobId}/job.completed.0`, {
      ...{ jobId: job.jobId, deliveryId: 'job.completed.0', event: 'job.completed', at },
      ...{ state: 'delivered', attempts: [], round: 0, triesInRound: 1 },
    });
    await house.jobs.delete(job.jobId, () => true);
    house.pass(170);
    assert.deepEqual(await house.sweep(), {}, 'expected time for whoever is removing it');
    house.pass(20);
    assert.deepEqual(await house.sweep(), { delete_image: 4, delete_letter: 1 });
    assert.deepEqual([house.images.keys(), house.deadLetters.letters.size], [[], 1]);
    house.pass(hour);
    assert.deepEqual(await house.sweep(), { delete_entry: 1, delete_delivery: 1 });
    assert.deepEqual([house.jobIndex.names(), house.deliveries.names()], [[], []]);
  });

  it('keeps each job for as long as its caller said', async () => {
    const house = setUp();
    await house.complete(await house.submit({ retentionHours: 2 }));
    const long = await house.submit({ retentionHours: 48 });
    await house.complete(long);
    house.pass(3 * hour);
    assert.deepEqual(await house.sweep(), { forget: 1 });
    house.pass(44 * hour);
    assert.deepEqual(await house.sweep(), {});
    house.pass(2 * hour);
    assert.deepEqual(await house.sweep(), { forget: 1 });
  });
});

describe('a sweep, of the small picture beside a result', () => {
  it('keeps it with the result, and removes that of an attempt that lost', async () => {
    const house = setUp();
    const job = await house.submit();
    const key = await house.complete(job);
    const lost = `results/${job.jobId}/1-dead.png`;
    await house.put(thumbnailKeyOf(lost));
    house.pass(190);
    assert.deepEqual(await house.sweep(), { delete_image: 1 });
    const results = house.images.keys().filter((name) => name.startsWith('results/'));
    assert.deepEqual(results, [key, thumbnailKeyOf(key)]);
  });
});

describe('a sweep, of the pictures of a batch', () => {
  it('keeps them as long as the batch is there, whatever becomes of its jobs', async () => {
    const house = setUp();
    const { jobs } = await addBatch(house, future);
    for (const job of jobs) await house.complete(job);
    house.pass(25 * hour);
    assert.deepEqual(await house.sweep(), { forget: 2 });
    house.pass(2 * day);
    assert.deepEqual(await house.sweep(), {});
    assert.equal(inputsOf(house).length, 2);
  });

  it('removes them when its time is over, and what says that it was there much later', async () => {
    const house = setUp();
    const { batch, jobs } = await addBatch(house, past);
    const [one, other] = jobs;
    assert.ok(one && other);
    await house.complete(one);
    await house.jobs.update(other.jobId, (job) => failedAs(job, 'model_failed'));
    await recordFailedJob(house.deadLetters, failedAs(other, 'model_failed'));
    assert.deepEqual(await house.sweep(), {}, 'expected the pictures to be kept for a replay');
    await house.jobs.delete(other.jobId, () => true);
    house.pass(hour);
    assert.deepEqual(await house.sweep(), { forget_batch: 1, delete_letter: 1, delete_entry: 1 });
    assert.deepEqual(inputsOf(house), []);
    // By the real clock more than a month has passed since.
    house.pass(31 * day);
    assert.ok(((await house.sweep())?.forget_batch ?? 0) === 1 || house.batches.names().length === 0);
    assert.deepEqual(house.batches.names(), []);
    assert.equal(await house.batches.get(batch.batchId), undefined);
  });

  it('finishes what somebody began who wanted the batch removed', async () => {
    const house = setUp();
    const { batch, jobs } = await addBatch(house, past);
    const { version } = (await house.batches.get(batch.batchId)) ?? assert.fail('no batch');
    await house.batches.replace(batch.batchId, { ...batch, goneAt: past }, version);
    await house.jobs.delete(jobs[0]?.jobId ?? '', () => true);
    assert.deepEqual(await house.sweep(), { forget_batch: 1 });
    for await (const { status } of house.jobs.list()) assert.equal(status, 'gone');
    assert.deepEqual([house.images.keys(), house.jobIndex.names()], [[], []]);
  });

  it('removes the pictures of a batch that was never finished, after a day', async () => {
    const house = setUp();
    await house.put(`inputs/${crypto.randomUUID()}/content-0`);
    house.pass(23 * hour);
    assert.deepEqual(await house.sweep(), {});
    house.pass(2 * hour);
    assert.deepEqual(await house.sweep(), { delete_image: 1 });
  });

  it('removes a batch that broke off and whose caller has not come back for an hour, with its jobs', async () => {
    const house = openBatchHouse();
    const key = { 'Idempotency-Key': 'key' };
    let sent = 0;
    const broken = await house.send({}, key, ({ point, when }) => {
      if (point !== 'message.sent' || when !== 'before') return;
      sent += 1;
      if (sent > 2) throw new JobError('storage_unavailable', 'down');
    });
    assert.equal(broken.status, 503);
    const [batchId = ''] = house.ports.batches.names();
    let nowMs = 0;
    const sweep = makeSweep({ ...house.ports, settings, log: silentLogger, clock: () => nowMs });
    await sweep();
    assert.equal((await house.record(batchId))?.intake, 'broken_off');
    nowMs += 2 * hour * 1000;
    house.advance(2 * hour);
    assert.equal((await sweep())?.forget_batch, 1);
    const { images, batches, jobIndex } = house.ports;
    assert.deepEqual(
      [await house.jobs(), images.keys(), batches.names(), jobIndex.names()],
      [[], [], [], []],
    );
    // Whoever comes after all begins anew.
    assert.equal((await house.send({}, key)).status, 202);
    assert.equal((await house.jobs()).length, 4);
  });

  it('looks again before it removes them: the record may have come', async () => {
    const house = setUp();
    const { batch } = await addBatch(house, future);
    const hidden = { ...house.batches, list: async () => ({ documents: [] }) };
    house.pass(25 * hour);
    const sweep = makeSweep({
      ...house,
      sweeping: house.sweeping,
      batches: hidden,
      settings,
      log: silentLogger,
    });
    await sweep();
    assert.deepEqual(inputsOf(house), [...batch.contents, ...batch.styles].sort());
  });
});

describe('a sweep, of what nobody waits for', () => {
  const key = { kind: 'job', id: crypto.randomUUID(), fingerprint: 'f', createdAt: at, claim: 'c' } as const;

  it('removes keys after a day and what was painted before after a month', async () => {
    const house = setUp();
    await house.idempotencyKeys.create('old', key);
    await house.reuse.create('old', { jobId: crypto.randomUUID() });
    house.pass(23 * hour);
    await house.idempotencyKeys.create('young', key);
    assert.deepEqual(await house.sweep(), {});
    house.pass(2 * hour);
    assert.deepEqual(await house.sweep(), { delete_key: 1 });
    assert.deepEqual(house.idempotencyKeys.names(), ['young']);
    house.pass(30 * day);
    assert.deepEqual(await house.sweep(), { delete_key: 1, delete_reuse: 1 });
    assert.deepEqual([house.idempotencyKeys.names(), house.reuse.names()], [[], []]);
  });

  it('keeps a key that was written anew in the meantime', async () => {
    const house = setUp();
    await house.idempotencyKeys.create('old', key);
    house.pass(25 * hour);
    const renewing = {
      ...house.idempotencyKeys,
      list: async (...args: Parameters<typeof house.idempotencyKeys.list>) => {
        const page = await house.idempotencyKeys.list(...args);
        await house.idempotencyKeys.put('old', key);
        return page;
      },
    };
    const sweep = makeSweep({ ...house, idempotencyKeys: renewing, settings, log: silentLogger });
    assert.deepEqual(await sweep(), {});
    assert.deepEqual(house.idempotencyKeys.names(), ['old']);
  });

  it('removes the entry of a job that never came, after a day', async () => {
    const house = setUp();
    await house.jobIndex.create(indexNameOf(someJob()), {});
    house.pass(23 * hour);
    assert.deepEqual(await house.sweep(), {});
    house.pass(2 * hour);
    assert.deepEqual(await house.sweep(), { delete_entry: 1 });
  });

  const hashOf = (made: number) => createHash('sha256').update(String(made)).digest('hex');

  it('looks once an hour, and goes on the next time where there was too much', async () => {
    const house = setUp();
    for (let made = 0; made < 20_500; made += 1) await house.idempotencyKeys.create(hashOf(made), key);
    let looks = 0;
    const counting = {
      ...house.reuse,
      list: async () => {
        looks += 1;
        return { documents: [] };
      },
    };
    let nowMs = 0;
    house.pass(2 * day);
    const sweep = makeSweep({ ...house, reuse: counting, settings, log: silentLogger, clock: () => nowMs });
    for (let sweeps = 0; sweeps < 20; sweeps += 1)
      assert.deepEqual(await sweep(), { delete_key: 1_000 }, 'expected no more than that at a time');
    nowMs += 59 * 60_000;
    // The last page had more than there was room for.
    await sweep();
    const rest = house.idempotencyKeys.names().length;
    assert.ok(rest > 350 && rest <= 500, String(rest));
    assert.deepEqual(await sweep(), {});
    assert.equal(looks, 1);
    nowMs += 2 * 60_000;
    assert.deepEqual(await sweep(), { delete_key: rest });
    assert.deepEqual([looks, house.idempotencyKeys.names()], [2, []]);
  });

  it('begins anywhere, so that processes which never live long get to all of them', async () => {
    const house = setUp();
    for (let made = 0; made < 21_000; made += 1)
      await house.reuse.create(hashOf(made), { jobId: someJob().jobId });
    const seen = new Set<string>();
    for (const random of [0, 0.5]) {
      const look = makeLookForLeftovers(
        house,
        () => 0,
        () => random,
      );
      const { reuse } = await look({});
      assert.ok(reuse.length >= 20_000 && reuse.length < 20_500, String(reuse.length));
      for (const { name } of reuse) seen.add(name);
    }
    assert.equal(seen.size, 21_000);
  });
});
