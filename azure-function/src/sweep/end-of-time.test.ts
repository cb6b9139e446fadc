// The time of a job is over while its receiver is still being told: every attempt is made all the same, and nothing
// private stays for it. In a time that the test moves.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import {
  announce,
  indexNameOf,
  type Job,
  picturesAreGone,
  recordFailedJob,
  silentLogger,
  thumbnailKeyOf,
} from '@impasto/shared';
import { checkInvariants } from '@impasto/shared/check';
import { replayJob } from '../dead-letters/replay-job.ts';
import { deleteJob } from '../jobs/delete-job.ts';
import { lookUp } from '../jobs/look-up.ts';
import { makeReadJob } from '../jobs/read-job.ts';
import { answered, delivered, makeWebhookHouse } from '../testing/webhook-house.ts';
import { whatGoes } from './end-of-time.ts';
import { makeSweep } from './sweep.ts';

beforeEach(() => mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-04T05:06:07Z') }));
afterEach(() => mock.timers.reset());

const hour = 3600;
const settings = {
  silentSeconds: 180,
  orphanSeconds: 24 * hour,
  tombstoneHours: 720,
  retentionHours: 24,
  failedRetentionHours: 24,
};

type Outcomes = NonNullable<Parameters<typeof makeWebhookHouse>[0]>['outcomes'];

function setUp(outcomes: Outcomes = [answered(500)]) {
  const house = makeWebhookHouse(outcomes && { outcomes });
  const sweep = makeSweep({ ...house, settings, log: silentLogger });
  return {
    ...house,
    sweep,
    readJob: makeReadJob(house.jobs, settings),
    record: async (job: Job) => lookUp(house.jobs, job.jobId, {}),
    /** A job that has ended, with all that belongs to it. */
    async end(how: 'complete' | 'fail', facts: Partial<Job> = {}): Promise<Job> {
      const job = await house.submit(undefined, facts);
      const key = `results/${job.jobId}/1-a.png`;
      const done = how === 'complete' ? await house.complete(job, { key }) : await house.fail(job);
      const results = how === 'complete' ? [key, thumbnailKeyOf(key)] : [];
      for (const image of [...Object.values(job.inputs), ...results])
        await house.images.put(image, Buffer.from('x'), 'image/png');
      if (how === 'fail') await recordFailedJob(house.deadLetters, done);
      await house.jobIndex.create(indexNameOf(job), {});
      return done;
    },
    /** Messages are delivered, and sweeps made, all the while. */
    async pass(hours: number): Promise<void> {
      for (let minutes = 0; minutes < hours * 60; minutes += 10) {
        mock.timers.tick(600_000);
        await house.deliver();
        await sweep();
      }
    },
  };
}

type House = ReturnType<typeof setUp>;

const letters = async ({ deadLetters }: House) => (await deadLetters.list({ limit: 10 })).letters.length;

describe('a job whose receiver does not answer until its time is over', () => {
  for (const how of ['complete', 'fail'] as const) {
    it(`is told of by the whole schedule, without its pictures: ${how}`, async () => {
      const house = setUp();
      const job = await house.end(how);
      await announce(house.notices, job);
      await house.pass(23);
      assert.ok(house.images.keys().length >= 2);
      assert.equal(await letters(house), how === 'fail' ? 1 : 0);
      await house.pass(7);
      assert.deepEqual([house.images.keys(), await letters(house)], [[], 0]);
      const told = house.received.length;
      await assert.rejects(house.readJob(job.jobId), { code: 'job_gone' });
      const { violations, notices } = await checkInvariants(house);
      assert.deepEqual([violations, notices.pending], [[], 1]);
      await house.pass(60);
      assert.ok(told < 10, `${told}`);
      assert.equal(house.received.length, 10);
      assert.equal(await house.record(job), 'gone');
      assert.deepEqual([house.deliveries.names(), house.jobIndex.names()], [[], []]);
    });
  }

  it('goes as soon as it has been told', async () => {
    const refused = Array.from({ length: 7 }, () => answered(500));
    const house = setUp([...refused, delivered]);
    const job = await house.end('complete');
    await announce(house.notices, job);
    await house.pass(40);
    assert.equal(house.received.length, 8);
    assert.equal(await house.record(job), 'gone');
  });

  it('goes at once when somebody wants it deleted', async () => {
    const house = setUp();
    const job = await house.end('complete');
    await announce(house.notices, job);
    await house.pass(30);
    await deleteJob(house, job);
    const told = house.received.length;
    await house.pass(60);
    assert.deepEqual([house.received.length, house.deliveries.names()], [told, []]);
  });

  it('does not stay for ever where nobody makes the attempts', async () => {
    const house = setUp();
    const job = await house.end('complete');
    await house.deliveries.create(`${job.jobId}/job.completed.0`, {
      ...{ jobId: job.jobId, deliveryId: 'job.completed.0', event: 'job.completed', at: job.createdAt },
      ...{ state: 'pending', attempts: [], round: 0, triesInRound: 0 },
    });
    for (let hours = 0; hours < 25; hours += 1) {
      mock.timers.tick(hour * 1000);
      await house.sweep();
    }
    assert.deepEqual(house.images.keys(), []);
    assert.notEqual(await house.record(job), 'gone');
    for (let hours = 0; hours < 90; hours += 1) {
      mock.timers.tick(hour * 1000);
      await house.sweep();
    }
    assert.equal(await house.record(job), 'gone');
  });

  it('cannot be replayed any more', async () => {
    const house = setUp();
    const job = await house.end('fail');
    await announce(house.notices, job);
    await house.pass(30);
    const letter = { jobId: job.jobId, replays: 0, state: 'open' } as const;
    await assert.rejects(replayJob({ ...house, expiryHours: 24 }, letter), { code: 'not_replayable' });
    const record = await house.record(job);
    assert.ok(record !== undefined && record !== 'gone' && record.status === 'failed');
  });

  it('is told where its message was lost until then', async () => {
    const house = setUp([delivered]);
    const job = await house.end('complete', { retentionHours: 0.01 });
    mock.timers.tick(60_000);
    assert.deepEqual(await house.sweep(), { forget: 1 });
    const record = await house.record(job);
    assert.ok(record !== undefined && record !== 'gone' && picturesAreGone(record));
    assert.deepEqual([house.images.keys(), house.received.length], [[], 0]);
    await house.pass(1);
    assert.deepEqual([house.received.length, await house.record(job)], [1, 'gone']);
  });

  it('leaves no picture where a sweep was cut off after its note', async () => {
    const house = setUp();
    const job = await house.end('fail');
    await announce(house.notices, job);
    await house.deliver();
    mock.timers.tick(25 * hour * 1000);
    const picturesRemovedAt = new Date().toISOString();
    await house.jobs.update(job.jobId, (now) => ({ ...now, picturesRemovedAt }) as Job);
    mock.timers.tick(10 * 60_000);
    await house.sweep();
    assert.deepEqual([house.images.keys(), await letters(house)], [[], 0]);
  });
});

describe('what goes of a job that has ended', () => {
  it('is a matter of its time, and of whether somebody is still to be told', () => {
    const day = 24 * hour;
    const job = { status: 'completed' };
    const over = { ...job, picturesAreGone: true };
    assert.equal(whatGoes(job, day - 1, true, settings), 'nothing');
    assert.equal(whatGoes(job, day + 1, true, settings), 'pictures');
    assert.equal(whatGoes(job, day + 1, false, settings), 'everything');
    assert.equal(whatGoes(over, 83 * hour, true, settings), 'nothing');
    assert.equal(whatGoes(over, 84 * hour, true, settings), 'everything');
    assert.equal(whatGoes(over, 0, false, settings), 'everything');
  });
});
