// Ends that somebody wants to be told of, and of which nobody has told him.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  announce,
  type DeliveryRecord,
  deliveryName,
  type Job,
  noticeFor,
  noticeSchema,
  silentLogger,
  transition,
} from '@impasto/shared';
import { makeMemoryPorts, someJob, someResult } from '@impasto/shared/testing';
import { defaultSweepSettings as settings } from '../testing/sweep-settings.ts';
import { makeSweep } from './sweep.ts';

const webhook = {
  url: 'https://receiver.example/',
  events: ['job.started', 'job.completed', 'job.failed', 'job.expired', 'job.canceled'],
  origin: 'https://impasto.example',
} as const;

/** Time that the test moves; deadlines are by the real clock, which stands still beside it. */
function setUp() {
  let nowMs = Date.now();
  const clock = () => nowMs;
  const ports = makeMemoryPorts(clock);
  const sweep = makeSweep({ ...ports, settings, log: silentLogger, clock });
  const end = ({ jobId }: Job) =>
    ports.jobs.update(jobId, (job) => {
      const at = new Date().toISOString();
      const begun = transition(job, { type: 'claimed', owner: 'a', at });
      const claim = { owner: 'a', attempt: begun.attempt };
      return transition(begun, { type: 'completed', claim, result: someResult, at });
    });
  return {
    ...ports,
    sweep,
    end,
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
    async submit(facts: Partial<Job> = {}): Promise<Job> {
      const job = { ...someJob(), webhook: { ...webhook, events: [...webhook.events] }, ...facts } as Job;
      await ports.jobs.create(job);
      return job;
    },
    async takeNotices(): Promise<unknown[]> {
      const texts: unknown[] = [];
      for (;;) {
        const message = await ports.notices.receive(30);
        if (!message) return texts;
        texts.push(noticeSchema.parse(JSON.parse(message.text)));
        await message.remove();
      }
    },
  };
}

function deliveryOf(job: Job, changes: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const at = new Date().toISOString();
  const facts = { jobId: job.jobId, deliveryId: 'job.completed.0', event: 'job.completed', at } as const;
  return { ...facts, state: 'pending', attempts: [], round: 0, triesInRound: 0, ...changes };
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

describe('a sweep, where a receiver wants to know of an end', () => {
  it('sends a message that was lost, once, after a while', async () => {
    const house = setUp();
    const job = await house.submit();
    const ended = await house.end(job);
    house.pass(170);
    assert.deepEqual(await house.sweep(), {});
    house.pass(20);
    assert.deepEqual(await house.sweep(), { announce: 1 });
    assert.deepEqual(await house.takeNotices(), [noticeFor(ended)]);
    const written = await house.deliveries.get(`${job.jobId}/job.completed.0`);
    assert.deepEqual([written?.value.state, written?.value.attempts], ['pending', []]);
    assert.deepEqual(await house.sweep(), {});
  });

  it('sends nothing where somebody has taken care of it, or nobody wants to know', async () => {
    const house = setUp();
    const told = await house.end(await house.submit());
    await house.deliveries.create(`${told.jobId}/job.completed.0`, deliveryOf(told, { state: 'delivered' }));
    const other = await house.submit({ webhook: { ...webhook, events: ['job.failed'] } });
    await house.end(other);
    const withdrawn = await house.submit({ withdrawn: true });
    await house.end(withdrawn);
    house.pass(190);
    assert.deepEqual(await house.sweep(), {});
    assert.deepEqual(await house.takeNotices(), []);
  });

  it('tells again of a job that was replayed and has ended again', async () => {
    const house = setUp();
    const job = await house.submit({ replays: 1 });
    await house.deliveries.create(`${job.jobId}/job.failed.0`, deliveryOf(job, { state: 'delivered' }));
    await house.end(job);
    house.pass(190);
    assert.deepEqual(await house.sweep(), { announce: 1 });
    assert.ok(house.deliveries.names().includes(`${job.jobId}/job.completed.1`));
  });

  it('sends nothing while messages wait that nobody takes: its own may be among them', async () => {
    const house = setUp();
    await announce(house.notices, await house.end(await house.submit()));
    house.pass(190);
    assert.deepEqual(await house.sweep(), {});
    assert.equal((await house.takeNotices()).length, 1);
  });

  it('sends the message of an attempt that is overdue, with its round and number', async () => {
    const house = setUp();
    const job = await house.end(await house.submit());
    const late = deliveryOf(job, { round: 1, triesInRound: 3, nextAttemptAt: minutesAgo(4) });
    await house.deliveries.create(deliveryName(late), late);
    assert.deepEqual(await house.sweep(), { deliver_again: 1 });
    const [notice] = (await house.takeNotices()) as { round: number; attempt: number }[];
    assert.deepEqual([notice?.round, notice?.attempt], [1, 3]);
    assert.deepEqual(await house.sweep(), {}, 'expected no storm right after');
  });

  it('leaves an attempt alone that is not due, and a delivery that was given up', async () => {
    const house = setUp();
    const job = await house.end(await house.submit());
    const soon = deliveryOf(job, { nextAttemptAt: minutesAgo(2) });
    const over = deliveryOf(job, {
      deliveryId: 'job.started.0',
      state: 'failed',
      nextAttemptAt: minutesAgo(9),
    });
    for (const delivery of [soon, over]) await house.deliveries.create(deliveryName(delivery), delivery);
    assert.deepEqual(await house.sweep(), {});
  });

  it('tells of the end that it has brought about itself', async () => {
    const house = setUp();
    const late = await house.submit({ expiresAt: minutesAgo(1) });
    const stopping = await house.submit();
    const at = new Date().toISOString();
    await house.jobs.update(stopping.jobId, (job) =>
      transition(transition(job, { type: 'claimed', owner: 'a', at }), { type: 'cancel_requested', at }),
    );
    house.pass(190);
    assert.deepEqual(await house.sweep(), { expire: 1, lapse: 1 });
    const told = (await house.takeNotices()) as { job_id: string; event: string }[];
    assert.deepEqual(
      new Map(told.map(({ job_id, event }) => [job_id, event])),
      new Map([
        [late.jobId, 'job.expired'],
        [stopping.jobId, 'job.canceled'],
      ]),
    );
  });

  it('tells nobody of an end that it could not write down', async () => {
    const house = setUp();
    await house.submit({ expiresAt: minutesAgo(1) });
    const refusing: typeof house.jobs.update = async (jobId, change) => {
      const stored = await house.jobs.get(jobId);
      if (stored) change(stored.job, stored.ageSeconds);
      throw new Error('the storage went away');
    };
    const jobs = { ...house.jobs, update: refusing };
    const sweep = makeSweep({ ...house, jobs, settings, log: silentLogger });
    assert.deepEqual(await sweep(), { errors: 1 });
    assert.deepEqual(await house.takeNotices(), []);
  });

  it('does not look at deliveries where no job has a receiver', async () => {
    const house = setUp();
    const { webhook: _none, ...job } = someJob();
    await house.jobs.create(job as Job);
    await house.sweep();
    const list = async () => assert.fail('expected no look at the deliveries');
    // The first sweep of a process has looked at what is left over, too.
    house.deliveries.list = list;
    assert.deepEqual(await house.sweep(), {});
  });
});
