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

  it('terminal_state_guard: whatever happens, a terminal state never changes and a record stays well-formed', () => {
    const claim = fc.record({ owner: fc.constantFrom('a', 'b'), attempt: fc.integer({ min: 1, max: 8 }) });
    const event: fc.Arbitrary<JobEvent> = fc.oneof(
      fc.constantFrom('a', 'b').map(claimed),
      claim.map((one): JobEvent => ({ type: 'progressed', claim: one, phase: 'decoding', progress: 0.3 })),
      claim.map((one): JobEvent => ({ type: 'handed_back', claim: one })),
      fc.tuple(claim, fc.boolean()).map(([one, retryable]) => failed(one, retryable)),
      claim.map((one): JobEvent => ({ type: 'completed', claim: one, result: someResult, at })),
      fc.constant<JobEvent>({ type: 'canceled', at }),
      fc.constant<JobEvent>({ type: 'expired', at }),
    );
    const walk = fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let job = someJob();
      for (const one of events) {
        const next = transition(job, one);
        if (isDone(job)) assert.equal(next, job);
        assert.ok(next.attempt >= job.attempt && next.crashes <= maxCrashes);
        assert.deepEqual(jobSchema.parse(next), next);
        job = next;
      }
    });
    fc.assert(walk, { numRuns: 500 });
  });
});
