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
    assert.equal(transition(job, { type: 'handed_back', claim: late, at }), job);
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
      job = run(job, claimed('a'), { type: 'handed_back', claim: { owner: 'a', attempt }, at });
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

describe('a job that its caller wants to end', () => {
  const asked: JobEvent = { type: 'cancel_requested', at };
  const stopped = (claim: Claim): JobEvent => {
    return { type: 'stopped', claim, at, phase: 'stylizing', processingSeconds: 1.25 };
  };
  const claim = { owner: 'a', attempt: 1 };
  const canceling = () => run(someJob(), claimed('a'), asked);

  it('is canceled at once while it waits, on the first attempt and on a later one', () => {
    for (const job of [someJob(), run(someJob(), claimed('a'), failed(claim, true))]) {
      const canceled = transition(job, asked);
      assert.deepEqual(
        [canceled.status, canceled.phase, canceled.cancelRequestedAt],
        ['canceled', 'done', at],
      );
      assert.deepEqual(jobSchema.parse(canceled), canceled);
    }
  });

  it('goes on as canceling while a worker has it, and says so whatever the worker reports', () => {
    const progressed: JobEvent = { type: 'progressed', claim, phase: 'stylizing', progress: 0.4 };
    const job = run(canceling(), progressed);
    assert.deepEqual([job.status, job.phase, job.progress], ['processing', 'canceling', 0.4]);
  });

  it('is canceled when its worker has stopped, with where that was and what it had cost', () => {
    const job = transition(canceling(), stopped(claim));
    assert.ok(job.status === 'canceled');
    assert.deepEqual(job.stopped, { phase: 'stylizing', processingSeconds: 1.25 });
    assert.ok(!('owner' in job));
    assert.deepEqual(jobSchema.parse(job), job);
  });

  it('is not stopped by a worker that has lost it, nor by one that nobody asked', () => {
    const job = canceling();
    assert.equal(transition(job, stopped({ owner: 'b', attempt: 1 })), job);
    const unasked = run(someJob(), claimed('a'));
    assert.equal(transition(unasked, stopped(claim)), unasked);
  });

  it('is asked only once: a second request changes nothing, not even the date', () => {
    const job = canceling();
    assert.equal(transition(job, { type: 'cancel_requested', at: '2026-01-02T09:09:09.000Z' }), job);
  });

  it('keeps its picture when the commit comes first', () => {
    const job = run(canceling(), { type: 'completed', claim, result: someResult, at });
    assert.deepEqual([job.status, job.phase], ['completed', 'done']);
    assert.deepEqual(jobSchema.parse(job), job);
  });

  const ends: readonly (readonly [what: string, event: JobEvent])[] = [
    ['is given back', { type: 'handed_back', claim, at }],
    ['fails in a way that another try might mend', failed(claim, true)],
    ['loses its worker', { type: 'lapsed', at }],
    ['is taken over', claimed('b')],
  ];
  for (const [what, event] of ends) {
    it(`is canceled, and begun by nobody again, when it ${what}`, () => {
      const job = transition(canceling(), event);
      assert.equal(job.status, 'canceled');
      assert.deepEqual(jobSchema.parse(job), job);
      assert.equal(transition(job, claimed('c')), job);
    });
  }

  it('is canceled, not failed, even where it was the last attempt or the last crash', () => {
    const crash = { code: 'engine_crashed', message: 'SIGSEGV', retryable: true };
    const lapses = Array.from({ length: maxCrashes - 1 }, (_, index) => claimed(`w${index}`));
    const held = run(someJob(), ...lapses, claimed('a'), asked);
    const last = { owner: 'a', attempt: maxCrashes };
    for (const event of [claimed('b'), { type: 'attempt_failed', claim: last, error: crash, at } as const])
      assert.equal(transition(held, event).status, 'canceled');
    let job = someJob();
    for (let attempt = 1; attempt < maxAttempts; attempt += 1)
      job = run(job, claimed('a'), failed({ owner: 'a', attempt }, true));
    job = run(job, claimed('a'), asked, failed({ owner: 'a', attempt: maxAttempts }, true));
    assert.equal(job.status, 'canceled');
  });

  it('fails when it had a fault of its own that no try can mend', () => {
    assert.equal(errorCode(transition(canceling(), failed(claim, false))), 'model_failed');
  });

  it('does not change once it has ended, however it did', () => {
    const running = run(someJob(), claimed('a'));
    const ended = [
      run(running, { type: 'completed', claim, result: someResult, at }),
      run(running, failed(claim, false)),
      run(someJob(), { type: 'expired', at }),
      run(someJob(), asked),
      run(canceling(), stopped(claim)),
    ];
    for (const job of ended)
      for (const event of [asked, stopped(claim), claimed('b')]) assert.equal(transition(job, event), job);
  });

  it('is wanted again when it is replayed', () => {
    const job = run(canceling(), failed(claim, false), { type: 'replayed', expiresAt: at });
    assert.deepEqual([job.status, job.cancelRequestedAt], ['queued', undefined]);
    assert.equal(run(job, claimed('b')).phase, 'fetching');
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
  { weight: 3, arbitrary: ofClaimant((claim) => ({ type: 'handed_back', claim, at })) },
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
  { weight: 1, arbitrary: always({ type: 'cancel_requested', at }) },
  {
    weight: 2,
    arbitrary: ofClaimant((claim) => {
      return { type: 'stopped', claim, at, phase: 'stylizing', processingSeconds: 1 };
    }),
  },
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
    assert.equal(after.cancelRequestedAt, undefined, what);
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
  assertWishKept(before, event, after, what);
}

/** Who wants no picture gets none but the one that is just being committed, and nobody begins the job again. */
function assertWishKept(before: Job, event: JobEvent, after: Job, what: string): void {
  assert.ok(after.status !== 'queued' || after.cancelRequestedAt === undefined, what);
  if (before.cancelRequestedAt === undefined) {
    assert.ok(after.cancelRequestedAt === undefined || event.type === 'cancel_requested', what);
    assert.ok(event.type !== 'stopped' || after === before, what);
    return;
  }
  assert.equal(after.cancelRequestedAt, before.cancelRequestedAt, what);
  assert.equal(after.attempt, before.attempt, what);
  if (after.status === 'processing') assert.equal(after.phase, 'canceling', what);
  if (after.status === 'failed') assert.equal(after.error.retryable, false, what);
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
