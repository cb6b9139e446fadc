import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isDone, type Job, jobSchema } from './job.ts';
import { someJob, someResult } from './testing/fixtures.ts';
import { type Claim, type JobEvent, maxAttempts, maxCrashes, transition } from './transition.ts';

const at = '2026-01-02T03:04:06.000Z';
const claimed = (owner: string): JobEvent => ({ type: 'claimed', owner, at });
const failed = (claim: Claim, retryable: boolean): JobEvent => ({
  type: 'attempt_failed',
  claim,
  error: { code: 'model_failed', message: 'NaN', retryable },
  at,
});

function run(job: Job, ...events: JobEvent[]): Job {
  return events.reduce(transition, job);
}

function errorCode(job: Job): string | undefined {
  return job.status === 'failed' ? job.error.code : undefined;
}

describe('the life of a job', () => {
  it('goes from queued over processing to completed', () => {
    const claim = { owner: 'a', attempt: 1 };
    const working = run(someJob(), claimed('a'), {
      type: 'progressed',
      claim,
      phase: 'stylizing',
      progress: 0.5,
    });
    assert.equal(working.status, 'processing');
    assert.equal(working.progress, 0.5);
    const done = transition(working, { type: 'completed', claim, result: someResult, at });
    assert.equal(done.status, 'completed');
    assert.equal(done.progress, 1);
    assert.deepEqual(jobSchema.parse(done), done);
  });

  it('never lets progress fall within an attempt', () => {
    const claim = { owner: 'a', attempt: 1 };
    const far: JobEvent = { type: 'progressed', claim, phase: 'encoding', progress: 0.9 };
    assert.equal(run(someJob(), claimed('a'), far, { ...far, progress: 0.2 }).progress, 0.9);
  });

  it('does not listen to a worker that has lost its claim', () => {
    const job = run(someJob(), claimed('a'), claimed('b'));
    const late = { owner: 'a', attempt: 1 };
    assert.equal(transition(job, { type: 'completed', claim: late, result: someResult, at }), job);
    assert.equal(transition(job, failed(late, false)), job);
    assert.equal(transition(job, { type: 'handed_back', claim: late }), job);
  });

  it('queues a job again after an error that another try may mend, and keeps the error', () => {
    const job = run(someJob(), claimed('a'), failed({ owner: 'a', attempt: 1 }, true));
    assert.equal(job.status, 'queued');
    assert.equal(job.lastError?.code, 'model_failed');
    assert.deepEqual(jobSchema.parse(job), job);
  });

  it('fails at once on an error that no try can mend', () => {
    assert.equal(
      errorCode(run(someJob(), claimed('a'), failed({ owner: 'a', attempt: 1 }, false))),
      'model_failed',
    );
  });

  it(`fails as attempts_exhausted after ${maxAttempts} attempts, naming the last error`, () => {
    let job = someJob();
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      assert.equal(job.status, 'queued');
      job = run(job, claimed('a'), failed({ owner: 'a', attempt }, true));
    }
    assert.equal(errorCode(job), 'attempts_exhausted');
    assert.match(job.status === 'failed' ? job.error.message : '', /model_failed: NaN/);
  });

  it(`fails as worker_crashed when ${maxCrashes} workers went silent`, () => {
    const owners = Array.from({ length: maxCrashes }, (_, index) => claimed(`w${index}`));
    const held = run(someJob(), ...owners);
    assert.equal(held.status, 'processing');
    assert.equal(errorCode(transition(held, claimed('last'))), 'worker_crashed');
  });

  it('counts an engine that had to be killed as a crash', () => {
    let job = someJob();
    for (let attempt = 1; attempt <= maxCrashes; attempt += 1) {
      const error = { code: 'engine_crashed', message: 'SIGSEGV', retryable: true };
      job = run(job, claimed('a'), { type: 'attempt_failed', claim: { owner: 'a', attempt }, error, at });
    }
    assert.equal(errorCode(job), 'worker_crashed');
  });

  it('does not count a job handed back as an attempt', () => {
    let job = someJob();
    for (let attempt = 1; attempt <= 3 * maxAttempts; attempt += 1) {
      job = run(job, claimed('a'), { type: 'handed_back', claim: { owner: 'a', attempt } });
    }
    assert.equal(job.status, 'queued');
    assert.equal(job.handBacks, 3 * maxAttempts);
  });

  it('expires only a job that waits', () => {
    assert.equal(transition(someJob(), { type: 'expired', at }).status, 'expired');
    const working = run(someJob(), claimed('a'));
    assert.equal(transition(working, { type: 'expired', at }), working);
  });

  it('queues a job again whose owner went silent, counts the crash, and ends it at the third', () => {
    const lapsed: JobEvent = { type: 'lapsed', at };
    assert.equal(transition(someJob(), lapsed).crashes, 0);
    const once = run(someJob(), claimed('a'), lapsed);
    assert.deepEqual([once.status, once.crashes, once.attempt], ['queued', 1, 1]);
    assert.equal(errorCode(run(once, claimed('b'), lapsed, claimed('c'), lapsed)), 'worker_crashed');
  });

  it('takes the second time out of memory in a row as final', () => {
    const outOfMemory = (attempt: number): JobEvent => {
      const error = { code: 'out_of_memory', message: '3 GB of 2 GB', retryable: true };
      return { type: 'attempt_failed', claim: { owner: 'a', attempt }, error, at };
    };
    const once = run(someJob(), claimed('a'), outOfMemory(1), claimed('a'));
    assert.equal(once.status, 'processing');
    assert.equal(errorCode(transition(once, outOfMemory(2))), 'out_of_memory');
    const otherwise = run(once, failed({ owner: 'a', attempt: 2 }, true), claimed('a'), outOfMemory(3));
    assert.equal(otherwise.status, 'queued');
  });

  it('replays a failed job with every count anew, and no other job', () => {
    const replayed: JobEvent = { type: 'replayed', expiresAt: at };
    const dead = run(someJob(), claimed('a'), failed({ owner: 'a', attempt: 1 }, false));
    const again = transition(dead, replayed);
    assert.deepEqual(
      [again.status, again.attempt, again.errors, again.replays, again.lastError, again.expiresAt],
      ['queued', 0, 0, 1, undefined, at],
    );
    assert.deepEqual(jobSchema.parse(again), again);
    for (const job of [someJob(), run(someJob(), claimed('a')), run(someJob(), { type: 'canceled', at })])
      assert.equal(transition(job, replayed), job);
  });
});

/** An event that may depend on the job that it meets: most claims are the right ones, some are stale. */
type NextEvent = (job: Job) => JobEvent;

const codes = ['model_failed', 'engine_crashed', 'out_of_memory', 'image_corrupt'];
const isStale = fc.integer({ min: 0, max: 4 }).map((number) => number === 0);
const ofClaimant = (make: (claim: Claim) => JobEvent): fc.Arbitrary<NextEvent> =>
  isStale.map((stale) => (job) => {
    const owner = job.status === 'processing' && !stale ? job.owner : 'somebody else';
    return make({ owner, attempt: job.attempt });
  });
const always = (event: JobEvent): fc.Arbitrary<NextEvent> => fc.constant(() => event);
const anyEvent: fc.Arbitrary<NextEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b').map((owner) => () => claimed(owner)) },
  {
    weight: 2,
    arbitrary: ofClaimant((claim) => ({ type: 'progressed', claim, phase: 'decoding', progress: 0.3 })),
  },
  { weight: 3, arbitrary: ofClaimant((claim) => ({ type: 'handed_back', claim })) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...codes), fc.boolean()).chain(([code, retryable]) =>
      ofClaimant((claim) => ({
        type: 'attempt_failed',
        claim,
        error: { code, message: 'no', retryable },
        at,
      })),
    ),
  },
  { weight: 1, arbitrary: ofClaimant((claim) => ({ type: 'completed', claim, result: someResult, at })) },
  { weight: 2, arbitrary: always({ type: 'lapsed', at }) },
  { weight: 2, arbitrary: always({ type: 'resent' }) },
  { weight: 1, arbitrary: always({ type: 'canceled', at }) },
  { weight: 1, arbitrary: always({ type: 'expired', at }) },
  { weight: 2, arbitrary: always({ type: 'replayed', expiresAt: at }) },
);

/** Attempts that neither failed nor crashed nor were handed back. */
function openAttempts({ attempt, errors, crashes, handBacks }: Job): number {
  return attempt - errors - crashes - handBacks;
}

function assertSound(before: Job, event: JobEvent, after: Job): void {
  const what = `${event.type} on ${before.status}`;
  if (isDone(before) && after !== before) {
    assert.deepEqual([before.status, event.type, after.status], ['failed', 'replayed', 'queued'], what);
    assert.deepEqual([after.replays, after.attempt, openAttempts(after)], [before.replays + 1, 0, 0], what);
    return;
  }
  assert.ok(
    after.attempt - before.attempt === (event.type === 'claimed' && after.status === 'processing' ? 1 : 0) ||
      after === before,
    what,
  );
  const [least, most] = { processing: [1, 1], completed: [1, 1], canceled: [0, 1] }[
    after.status as string
  ] ?? [0, 0];
  const open = openAttempts(after);
  assert.ok(open >= (least ?? 0) && open <= (most ?? 0), `${what}: ${open} open attempts`);
  assert.ok(after.crashes <= maxCrashes && after.attempt - after.handBacks <= maxAttempts, what);
  assert.equal(after.replays, before.replays, what);
}

describe('whatever happens to a job', () => {
  it('it never leaves a terminal state but by a replay, and every attempt is accounted for', () => {
    const walk = fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      let job = someJob();
      for (const next of events) {
        const event = next(job);
        const after = transition(job, event);
        assertSound(job, event, after);
        job = after;
      }
      assert.deepEqual(jobSchema.parse(job), job);
    });
    fc.assert(walk, { numRuns: 10_000 });
  });

  it('it comes to an end, however often it is claimed and lost or fails', () => {
    const walk = fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.boolean(), (events, silent) => {
      let job = events.reduce((now, next) => transition(now, next(now)), someJob());
      for (let claims = 0; claims <= maxAttempts && !isDone(job); claims += 1) {
        const held = job.status === 'processing' ? job : transition(job, claimed('last'));
        const claim = { owner: held.status === 'processing' ? held.owner : '', attempt: held.attempt };
        job = transition(held, silent ? { type: 'lapsed', at } : failed(claim, true));
      }
      assert.ok(isDone(job), `still ${job.status}`);
    });
    fc.assert(walk, { numRuns: 1_000 });
  });
});
