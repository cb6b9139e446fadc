import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDone, type Job, messageFor, transition, type WorkerReport } from '@impasto/shared';
import { makeMemoryPorts, someJob } from '@impasto/shared/testing';
import { makeLookAround } from './look-around.ts';
import { makeOutlook } from './outlook.ts';

const assumedColdStart = { low: 30, high: 120 };
const at = '2026-01-02T03:04:06.000Z';
const claimed = { type: 'claimed', owner: 'a', at } as const;

/** Ports and a clock of their own; `seconds` lets time pass. */
function setUp() {
  const time = { ms: 1_000_000 };
  const ports = makeMemoryPorts(() => time.ms);
  const lookAround = makeLookAround(ports, () => time.ms);
  const outlookOf = makeOutlook({ lookAround, maxReplicas: 3, assumedColdStart }, () => time.ms);
  return {
    ports,
    pass(seconds: number): void {
      time.ms += seconds * 1_000;
    },
    async send(): Promise<Job> {
      const job = someJob();
      await ports.queue.send(messageFor(job));
      return job;
    },
    report: (state: WorkerReport['state'], workerId: string = state) =>
      ports.workers.publish({
        workerId,
        state,
        model: 'm',
        executionProvider: 'cpu',
        recentJobSeconds: [4, 4],
      }),
    async see(job: Job, ageSeconds = 0) {
      time.ms += 1_000;
      const { queuePosition, wait } = await outlookOf(job, ageSeconds);
      return { ...wait, position: queuePosition };
    },
  };
}

describe('the reason of a wait', () => {
  it('is that nobody is there, then that somebody starts, then that the job is next', async () => {
    const { send, see, report } = setUp();
    const job = await send();
    const cold = await see(job);
    assert.deepEqual([cold.reason, cold.position], ['no_worker', 0]);
    assert.deepEqual(cold.basis, { job_seconds: 'assumed', cold_start: 'assumed', observed_jobs: 0 });
    await report('starting', 'w');
    const starting = await see(job);
    assert.equal(starting.reason, 'worker_starting');
    assert.deepEqual(starting.workers, { ready: 0, starting: 1, busy: 0, unhealthy: 0 });
    await report('ready', 'w');
    const ready = await see(job);
    assert.equal(ready.reason, 'next');
    assert.deepEqual(ready.basis, { job_seconds: 'observed', cold_start: 'not_needed', observed_jobs: 2 });
    assert.ok(ready.estimated_seconds.high < cold.estimated_seconds.low);
  });

  it('is the others where there are more jobs in front than workers ready', async () => {
    const { send, see, report } = setUp();
    const jobs = [await send(), await send(), await send()];
    await report('ready');
    await report('busy');
    const seen = await Promise.all(jobs.map((job) => see(job)));
    assert.deepEqual(
      seen.map(({ reason, position }) => [reason, position]),
      [
        ['next', 0],
        ['queued_behind_others', 1],
        ['queued_behind_others', 2],
      ],
    );
    await report('busy', 'ready');
    assert.equal((await see(jobs[0] ?? someJob())).reason, 'queued_behind_others');
  });

  it('is that workers are unhealthy after one has failed, until one is well', async () => {
    const { send, see, report, pass } = setUp();
    const job = await send();
    await report('unhealthy', 'failed');
    await report('starting', 'another');
    const failing = await see(job);
    assert.deepEqual([failing.reason, failing.workers.unhealthy], ['workers_unhealthy', 1]);
    assert.equal(failing.estimated_seconds.high, 600);
    pass(100);
    assert.equal(
      (await see(job)).reason,
      'workers_unhealthy',
      'expected the last word of a worker to count on',
    );
    await report('ready', 'another');
    const well = await see(job);
    assert.deepEqual([well.reason, well.workers.unhealthy], ['next', 0]);
    pass(100);
    assert.equal(
      (await see(job)).reason,
      'no_worker',
      'expected a worker that was well to outweigh the failure',
    );
  });

  it('is that workers are unhealthy, too, when none comes in many times the time that one needs', async () => {
    const { send, see, pass } = setUp();
    const job = await send();
    pass(300);
    assert.equal((await see(job)).reason, 'no_worker');
    pass(100);
    assert.equal((await see(job)).reason, 'workers_unhealthy');
  });

  it('is that the job is tried again, is in work, or is to end', async () => {
    const { send, see, report, ports } = setUp();
    const job = await send();
    await report('busy');
    const working = transition(job, claimed);
    await ports.queue.receive(60);
    const inWork = await see(working);
    assert.deepEqual([inWork.reason, inWork.position], ['in_work', null]);
    assert.deepEqual(inWork.estimated_seconds, { low: 3, high: 8 });
    const canceling = transition(working, { type: 'cancel_requested', at });
    assert.equal((await see(canceling)).reason, 'canceling');
    const again = transition(working, { type: 'lapsed', at });
    assert.deepEqual([again.status, isDone(again)], ['queued', false]);
    assert.equal((await see(again, 30)).reason, 'retrying');
  });

  it('is not known where nobody could be asked, and that is no error', async () => {
    const { ports } = setUp();
    const down = () => Promise.reject(new Error('down'));
    const lookAround = makeLookAround({
      queue: { ...ports.queue, countMessages: down, peek: down },
      workers: { ...ports.workers, list: down },
    });
    const { queuePosition, wait } = await makeOutlook({ lookAround, maxReplicas: 3, assumedColdStart })(
      someJob(),
    );
    assert.deepEqual([queuePosition, wait.reason], [null, 'not_known']);
  });

  it('does not hold a job back for longer than a second when the storage does not answer', async () => {
    const never = () => new Promise<never>(() => {});
    const lookAround = makeLookAround({
      queue: { countMessages: never, peek: never },
      workers: { list: never },
    });
    const outlookOf = makeOutlook({ lookAround, maxReplicas: 3, assumedColdStart });
    const views = await Promise.all([outlookOf(someJob()), outlookOf(someJob())]);
    for (const { wait } of views) assert.equal(wait.reason, 'not_known');
  });

  it('looks around once for all who ask within a second', async () => {
    const { ports } = setUp();
    let looks = 0;
    const countMessages = () => {
      looks += 1;
      return ports.queue.countMessages();
    };
    const time = { ms: 0 };
    const lookAround = makeLookAround({ ...ports, queue: { ...ports.queue, countMessages } }, () => time.ms);
    const outlookOf = makeOutlook({ lookAround, maxReplicas: 3, assumedColdStart }, () => time.ms);
    await Promise.all(Array.from({ length: 100 }, () => outlookOf(someJob())));
    time.ms = 999;
    await outlookOf(someJob());
    assert.equal(looks, 1);
    time.ms = 1_000;
    await outlookOf(someJob());
    assert.equal(looks, 2);
  });
});
