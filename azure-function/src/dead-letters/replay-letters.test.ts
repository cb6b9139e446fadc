import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messageFor, statusViewSchema, transition } from '@impasto/shared';
import { someJob } from '@impasto/shared/testing';
import {
  assertRefused,
  assertReplayedOnce,
  expiryHours,
  failingOnce,
  makeHouse,
} from '../testing/dead-letter-house.ts';

describe('the replay of a failed job', () => {
  it('queues it anew, with fresh counts and a new deadline, and says so in the letter', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    const answer = await house.routes().replay(job.jobId);
    const view = statusViewSchema.parse(answer.body);
    assert.equal(answer.status, 202);
    assert.deepEqual([view.job_id, view.status, view.attempt, view.done], [job.jobId, 'queued', 0, false]);
    assert.equal(answer.headers.location, view.status_url);
    await assertReplayedOnce(house, job);
    const [message, ...others] = await house.queue.peek();
    assert.deepEqual([message?.text, others], [messageFor(job), []]);
    const expiresAt = Date.parse((await house.jobOf(job))?.expiresAt ?? '');
    assert.ok(Math.abs(expiresAt - Date.now() - expiryHours * 3_600_000) < 60_000);
  });

  it('is refused for what cannot be replayed, and changes nothing then', async () => {
    const house = makeHouse();
    const routes = house.routes();
    const [gone, half, purged] = await Promise.all([1, 2, 3].map(() => house.addFailedJob()));
    assert.ok(gone && half && purged);
    await house.jobs.delete(gone.jobId, () => true);
    await house.images.delete(half.inputs.content);
    await routes.purge(purged.jobId);
    const fine = someJob();
    await house.jobs.create(fine);
    const message = await house.addBadMessage('<xml/>');
    assertRefused(await routes.replay(gone.jobId), 409, 'not_replayable', /the job has been removed/);
    assertRefused(await routes.replay(half.jobId), 409, 'not_replayable', /no longer there: content$/);
    assertRefused(await routes.replay(purged.jobId), 409, 'not_replayable', /purged/);
    assertRefused(await routes.replay(message), 409, 'not_replayable', /about a message/);
    assertRefused(await routes.replay(fine.jobId), 404, 'dead_letter_not_found');
    assert.equal((await house.jobOf(half))?.status, 'failed');
    assert.equal(await house.queue.countMessages(), 0);
  });

  it('looks for the images of a batch where they are', async () => {
    const house = makeHouse();
    const inputs = { content: 'inputs/batch/content-0', style: 'inputs/batch/style-0' };
    const [one, other] = [0, 1].map(() => house.addFailedJob('model_failed', { inputs }));
    const [first, second] = await Promise.all([one, other]);
    assert.ok(first && second);
    assert.equal((await house.routes().replay(first.jobId)).status, 202);
    await assertReplayedOnce(house, first);
    await house.images.delete(inputs.style);
    const refused = await house.routes().replay(second.jobId);
    assertRefused(refused, 409, 'not_replayable', /no longer there: style$/);
  });

  it('works where the worker died before it wrote the letter', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    await house.deadLetters.delete(`${job.jobId}/0`);
    assert.equal((await house.routes().replay(job.jobId)).status, 202);
    await assertReplayedOnce(house, job);
  });

  it('does nothing more when it is asked for again', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    const routes = house.routes();
    await routes.replay(job.jobId);
    const again = await routes.replay(job.jobId);
    assert.deepEqual([again.status, statusViewSchema.parse(again.body).status], [202, 'queued']);
    assert.equal(await house.queue.countMessages(), 1);
    const at = new Date().toISOString();
    await house.jobs.update(job.jobId, (now) => transition(now, { type: 'claimed', owner: 'a', at }));
    const running = await routes.replay(job.jobId);
    assert.deepEqual([running.status, statusViewSchema.parse(running.body).status], [202, 'processing']);
    await house.jobs.update(job.jobId, (now) => transition(now, { type: 'canceled', at }));
    assertRefused(await routes.replay(job.jobId), 409, 'not_replayable', /since and is canceled/);
    assert.equal(await house.queue.countMessages(), 1);
  });

  it('can be had again for a job that failed again', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    const routes = house.routes();
    await routes.replay(job.jobId);
    await house.fail(job, 'out_of_memory');
    assert.equal((await routes.replay(job.jobId)).status, 202);
    assert.equal((await house.jobOf(job))?.replays, 2);
    assert.equal(await house.stateOf(`${job.jobId}/1`), 'replayed');
    assert.equal(await house.queue.countMessages(), 2);
  });

  it('happens once when ten ask for it at the same time', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    const routes = house.routes();
    const answers = await Promise.all(Array.from({ length: 10 }, () => routes.replay(job.jobId)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
    await assertReplayedOnce(house, job);
    assert.ok((await house.queue.countMessages()) >= 1);
  });
});

describe('a replay that was cut off', () => {
  for (const moment of ['before', 'after'] as const) {
    for (const write of ['record', 'message', 'mark'] as const) {
      it(`${moment} its ${write} is finished by the next one`, async () => {
        const house = makeHouse();
        const { jobs, queue, deadLetters } = house;
        const job = await house.addFailedJob();
        const routes = house.routes({
          ...(write === 'record' && { jobs: { ...jobs, update: failingOnce(jobs.update, moment) } }),
          ...(write === 'message' && { queue: { ...queue, send: failingOnce(queue.send, moment) } }),
          ...(write === 'mark' && {
            deadLetters: { ...deadLetters, mark: failingOnce(deadLetters.mark, moment) },
          }),
        });
        assertRefused(await routes.replay(job.jobId), 503, 'storage_unavailable');
        assert.equal((await routes.replay(job.jobId)).status, 202);
        await assertReplayedOnce(house, job);
        const messages = await house.queue.peek();
        assert.ok(messages.length === 1 || messages.length === 2, `${messages.length} messages`);
        assert.ok(messages.every(({ text }) => text === messageFor(job)));
        await routes.replay(job.jobId);
        assert.equal(await house.queue.countMessages(), messages.length);
      });
    }
  }

  it('before its mark sends nothing more for a job that a worker has taken', async () => {
    const house = makeHouse();
    const job = await house.addFailedJob();
    const mark = failingOnce(house.deadLetters.mark, 'before');
    const routes = house.routes({ deadLetters: { ...house.deadLetters, mark } });
    await routes.replay(job.jobId);
    const at = new Date().toISOString();
    await house.jobs.update(job.jobId, (now) => transition(now, { type: 'claimed', owner: 'a', at }));
    const again = await routes.replay(job.jobId);
    assert.deepEqual([again.status, statusViewSchema.parse(again.body).status], [202, 'processing']);
    assert.equal(await house.stateOf(`${job.jobId}/0`), 'replayed');
    assert.equal(await house.queue.countMessages(), 1);
  });
});
