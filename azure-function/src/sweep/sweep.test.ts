import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  deadLetterName,
  type Job,
  type JobQueue,
  jobMessageSchema,
  messageFor,
  recordBadMessage,
  recordFailedJob,
  silentLogger,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult } from '@impasto/shared/testing';
import { lookUp } from '../jobs/look-up.ts';
import { defaultSweepSettings as settings } from '../testing/sweep-settings.ts';
import { makeSweep } from './sweep.ts';

const at = '2026-01-02T03:04:06.000Z';
const claim = { owner: 'a', attempt: 1 };
const bytes = Buffer.from('picture');

/** A house whose storage time the test moves. */
function setUp(changes: { queue?: (queue: JobQueue) => Partial<JobQueue> } = {}) {
  const clock = { now: 1_000_000_000 };
  const time = () => clock.now;
  const ports = makeMemoryPorts(time);
  const { jobs, images } = ports;
  const queue = { ...ports.queue, ...changes.queue?.(ports.queue) };
  const sweep = makeSweep({ ...ports, queue, settings, log: silentLogger, clock: time });
  const pass = (seconds: number) => {
    clock.now += seconds * 1000;
  };
  async function submit(job: Job = someJob()): Promise<Job> {
    await images.put(job.inputs.content, bytes, 'image/png');
    await images.put(job.inputs.style, bytes, 'image/png');
    await jobs.create(job);
    return job;
  }
  const now = async ({ jobId }: Job): Promise<Job | undefined> => {
    const job = await lookUp(jobs, jobId, {});
    return job === 'gone' ? undefined : job;
  };
  const claimed = (job: Job) =>
    jobs.update(job.jobId, (it) => transition(it, { type: 'claimed', owner: 'a', at }));
  async function fail(job: Job): Promise<Job> {
    await claimed(job);
    const error = { code: 'image_corrupt', message: 'cut off', retryable: false };
    return await jobs.update(job.jobId, (it) => transition(it, { type: 'attempt_failed', claim, error, at }));
  }
  async function complete(job: Job): Promise<string> {
    await claimed(job);
    const key = `results/${job.jobId}/1-a.png`;
    await images.put(key, bytes, 'image/png');
    const result = { ...someResult, key };
    await jobs.update(job.jobId, (it) => transition(it, { type: 'completed', claim, result, at }));
    return key;
  }
  return { ...ports, clock, queue, sweep, pass, submit, now, claimed, fail, complete };
}

describe('a sweep', () => {
  it('finds nothing to do while all goes well', async () => {
    const house = setUp();
    const waiting = await house.submit();
    await house.queue.send(messageFor(waiting));
    await house.claimed(await house.submit());
    const done = await house.submit();
    await house.complete(done);
    await recordFailedJob(house.deadLetters, await house.fail(await house.submit()));
    house.pass(170);
    assert.deepEqual(await house.sweep(), {});
    house.pass(3600);
    const [seen] = await house.queue.peek();
    assert.equal(seen?.text, messageFor(waiting), 'expected the waiting message to be still the only one');
    assert.equal((await house.now(waiting))?.resends, 0);
  });

  it('sends a lost message again, ever more seldom', async () => {
    const house = setUp();
    const job = await house.submit();
    assert.deepEqual(await house.sweep(), {});
    house.pass(181);
    assert.deepEqual(await house.sweep(), { resend: 1 });
    const message = await house.queue.receive(30);
    assert.equal(jobMessageSchema.parse(JSON.parse(message?.text ?? '')).job_id, job.jobId);
    await message?.remove();
    house.pass(300);
    assert.deepEqual(await house.sweep(), {});
    house.pass(70);
    assert.deepEqual(await house.sweep(), { resend: 1 });
    assert.equal((await house.now(job))?.resends, 2);
  });

  it('leaves a backlog alone: what waits behind an older message is not lost', async () => {
    const house = setUp();
    for (let sent = 0; sent < 40; sent += 1) {
      await house.queue.send(messageFor(await house.submit()));
      house.pass(1);
    }
    house.pass(7200);
    assert.deepEqual(await house.sweep(), {});
    assert.equal(await house.queue.countMessages(), 40);
  });

  it('finds the lost message of a job among jobs that are served', async () => {
    const house = setUp();
    const lost = await house.submit();
    house.pass(400);
    await house.queue.send(messageFor(await house.submit()));
    assert.deepEqual(await house.sweep(), { resend: 1 });
    assert.equal((await house.now(lost))?.resends, 1);
  });

  it('sends nothing when it could not mark the record, and again when it died after the mark', async () => {
    let dead = true;
    const house = setUp({
      queue: (queue) => ({
        send: async (text) => {
          if (dead) throw new Error('died here');
          await queue.send(text);
        },
      }),
    });
    await house.submit();
    house.pass(200);
    assert.deepEqual(await house.sweep(), { errors: 1 });
    dead = false;
    assert.deepEqual(await house.sweep(), {}, 'expected no storm right after');
    house.pass(361);
    assert.deepEqual(await house.sweep(), { resend: 1 });
  });

  it('ends the claim of a worker that went silent, as a crash', async () => {
    const house = setUp();
    const job = await house.submit();
    await house.claimed(job);
    house.pass(179);
    await house.jobs.update(job.jobId, (it) =>
      transition(it, { type: 'progressed', claim, phase: 'stylizing', progress: 0.5 }),
    );
    house.pass(100);
    assert.deepEqual(await house.sweep(), {}, 'expected the heartbeat to count');
    house.pass(100);
    assert.deepEqual(await house.sweep(), { lapse: 1 });
    const after = await house.now(job);
    assert.deepEqual([after?.status, after?.crashes], ['queued', 1]);
  });

  it('ends a job as expired whose time is over', async () => {
    const house = setUp();
    const job = await house.submit({ ...someJob(), expiresAt: at });
    assert.deepEqual(await house.sweep(), { expire: 1 });
    assert.equal((await house.now(job))?.status, 'expired');
  });

  it('deletes a result that no record names, once no attempt can name it any more', async () => {
    const house = setUp();
    const job = await house.submit();
    const loser = `results/${job.jobId}/1-dead.png`;
    await house.images.put(loser, bytes, 'image/png');
    house.pass(200);
    await house.queue.send(messageFor(job));
    await house.sweep();
    assert.ok(house.images.keys().includes(loser), 'the job is still open');
    const winner = await house.complete(job);
    house.pass(200);
    assert.deepEqual(await house.sweep(), { delete_image: 1 });
    assert.deepEqual(
      house.images.keys().filter((key) => key.startsWith('results/')),
      [winner],
    );
  });

  it('deletes the inputs of a submission that was never finished, after a day', async () => {
    const house = setUp();
    const { inputs } = someJob();
    await house.images.put(inputs.content, bytes, 'image/png');
    house.pass(23 * 3600);
    assert.deepEqual(await house.sweep(), {});
    house.pass(2 * 3600);
    assert.deepEqual(await house.sweep(), { delete_image: 1 });
    assert.deepEqual(house.images.keys(), []);
  });

  it('writes the dead letter that a worker did not come to write', async () => {
    const house = setUp();
    const job = await house.fail(await house.submit());
    assert.deepEqual(await house.sweep(), { write_letter: 1 });
    assert.deepEqual([...house.deadLetters.letters.keys()], [deadLetterName(job)]);
    assert.deepEqual(await house.sweep(), {});
  });

  it('closes the letter of a job that was replayed by somebody who died before saying so', async () => {
    const house = setUp();
    const failed = await house.fail(await house.submit());
    await recordFailedJob(house.deadLetters, failed);
    await house.jobs.update(failed.jobId, (it) =>
      transition(it, { type: 'replayed', expiresAt: '2100-01-01T00:00:00.000Z' }),
    );
    assert.deepEqual(await house.sweep(), { close_letter: 1 });
    assert.equal((await house.deadLetters.get(deadLetterName(failed)))?.state, 'replayed');
    house.pass(200);
    assert.deepEqual(await house.sweep(), { resend: 1 }, 'expected the message of the replay to be sent');
  });

  it('forgets a job with all its images after a day, a failed one with its letter after a week', async () => {
    const house = setUp();
    await house.complete(await house.submit());
    await recordFailedJob(house.deadLetters, await house.fail(await house.submit()));
    house.pass(25 * 3600);
    assert.deepEqual(await house.sweep(), { forget: 1 });
    assert.equal(house.images.keys().length, 2);
    house.pass(7 * 24 * 3600);
    assert.deepEqual(await house.sweep(), { forget: 1 });
    assert.deepEqual([house.images.keys(), house.deadLetters.letters.size], [[], 0]);
    for await (const { status } of house.jobs.list()) assert.equal(status, 'gone');
  });

  it('deletes the letter of a message, which has no record, after a week', async () => {
    const house = setUp();
    await recordBadMessage(house.deadLetters, 'bad_message', '<xml/>');
    house.pass(6 * 24 * 3600);
    assert.deepEqual(await house.sweep(), {});
    house.pass(2 * 24 * 3600);
    assert.deepEqual(await house.sweep(), { delete_letter: 1 });
    assert.equal(house.deadLetters.letters.size, 0);
  });

  it('does a thousand things at most, those that somebody waits for first, and the rest the next time', async () => {
    const house = setUp();
    const ended = { status: 'completed', completedAt: at, result: someResult } as const;
    for (let count = 0; count < 1_100; count += 1) await house.jobs.create({ ...someJob(), ...ended });
    house.pass(25 * 3600);
    const lastInTheList = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
    await house.submit({ ...someJob(), jobId: lastInTheList });
    house.pass(200);
    assert.deepEqual(await house.sweep(), { resend: 1, forget: 999 });
    const [sent] = await house.queue.peek();
    assert.equal(jobMessageSchema.parse(JSON.parse(sent?.text ?? '')).job_id, lastInTheList);
    assert.deepEqual(await house.sweep(), { forget: 101 });
    assert.deepEqual(await house.sweep(), {});
  });

  it('does not forget a job that is replayed at that very moment', async () => {
    const house = setUp();
    const failed = await house.fail(await house.submit());
    await recordFailedJob(house.deadLetters, failed);
    house.pass(8 * 24 * 3600);
    const sweeping = house.sweep();
    await house.jobs.update(failed.jobId, (it) =>
      transition(it, { type: 'replayed', expiresAt: '2100-01-01T00:00:00.000Z' }),
    );
    await sweeping;
    const job = await house.now(failed);
    assert.ok(job === undefined || house.images.keys().length === 2);
    assert.equal(job?.status, 'queued');
  });

  it('leaves the work to another instance that is at it', async () => {
    const house = setUp();
    await house.submit();
    house.pass(200);
    const reports = await Promise.all([house.sweep(), house.sweep()]);
    assert.deepEqual(reports.filter(Boolean), [{ resend: 1 }]);
    assert.equal(await house.queue.countMessages(), 1);
  });
});
