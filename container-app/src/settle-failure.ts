// What becomes of an attempt that did not complete its job: given up to another worker, handed back, tried again or
// failed for good; and of a result that it may have stored already.
import {
  type DeadLetterStore,
  holds,
  type ImageStore,
  type Job,
  type JobError,
  type JobStore,
  LeaseLost,
  messageOf,
  recordFailedJob,
  toJobError,
  transition,
} from '@impasto/shared';
import type { Attempt } from './attempt.ts';
import { EngineLost } from './engine/engine.ts';
import { patiently } from './patiently.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
  readonly patienceSeconds: number;
}

/** `engine_lost`: the job was handed back because this worker can paint no more. */
export type FailedOutcome = 'failed' | 'retry' | 'handed_back' | 'superseded' | 'engine_lost';

const retryDelaySeconds = 5;
/** A worker that has to stop has so long for its last words to the storage. */
const lastWordSeconds = 6;

/** @param thrown what ended the attempt. */
export async function settleFailure(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  thrown: unknown,
): Promise<FailedOutcome> {
  const outcome = await settle(deps, attempt, handBack, thrown);
  await discardResult(deps, attempt);
  return outcome;
}

async function settle(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  thrown: unknown,
): Promise<FailedOutcome> {
  if (attempt.lease.lost.aborted || thrown instanceof LeaseLost) return await yieldToOther(attempt, thrown);
  if (handBack.aborted) return await giveBack(deps, attempt, handBack, 'handed_back');
  if (thrown instanceof EngineLost) return await giveBack(deps, attempt, handBack, 'engine_lost');
  const error = toJobError(thrown);
  // The storage is not the job's fault: no attempt is used, however often it happens.
  if (error.code === 'storage_unavailable') return await giveBack(deps, attempt, handBack, 'handed_back');
  return await fail(deps, attempt, handBack, error);
}

/** Changes the record, through an outage if need be; in a hurry when the worker has to stop. */
async function changeRecord(
  { jobs, patienceSeconds }: Dependencies,
  { job, lease }: Attempt,
  handBack: AbortSignal,
  change: (now: Job) => Job,
): Promise<Job> {
  const hurried = handBack.aborted;
  const signal = hurried ? AbortSignal.timeout(lastWordSeconds * 1000) : lease.lost;
  const seconds = hurried ? lastWordSeconds : patienceSeconds;
  const until = hurried ? signal : AbortSignal.any([lease.lost, handBack]);
  return await patiently(seconds, until, () => jobs.update(job.jobId, change, { signal }));
}

/** Another worker has the job, or it was ended from outside: nothing is written. Whoever receives the message sees. */
async function yieldToOther({ lease, log }: Attempt, reason: unknown): Promise<FailedOutcome> {
  log.warn('job.superseded', { reason: messageOf(reason) });
  await lease.release(0);
  return 'superseded';
}

async function giveBack(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  why: 'handed_back' | 'engine_lost',
): Promise<FailedOutcome> {
  const { claim, lease, log } = attempt;
  await changeRecord(deps, attempt, handBack, (now) => transition(now, { type: 'handed_back', claim }));
  await lease.release(0);
  log.info('job.handed_back', { why });
  return why;
}

async function fail(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  error: JobError,
): Promise<FailedOutcome> {
  const { claim, lease, log } = attempt;
  const { code, message, retryable } = error;
  const at = new Date().toISOString();
  let wasOurs = false;
  const after = await changeRecord(deps, attempt, handBack, (now) => {
    wasOurs = holds(now, claim);
    return transition(now, { type: 'attempt_failed', claim, error: { code, message, retryable }, at });
  });
  if (!wasOurs) return await yieldToOther(attempt, error);
  // What is wrong with a picture is its sender's business, not an operator's.
  if (error.retryable) log.error('job.attempt_failed', { error, status: after.status });
  else log.warn('job.failed', { code, message });
  if (after.status === 'queued') {
    await lease.release(retryDelaySeconds);
    return 'retry';
  }
  await recordFailedJob(deps.deadLetters, after);
  await lease.acknowledge();
  return 'failed';
}

/**
 * Deletes a result that the record does not name. Only once the record is settled: a commit whose answer got lost
 * may stand after all.
 */
async function discardResult(
  { jobs, images }: Dependencies,
  { job, resultKey, log }: Attempt,
): Promise<void> {
  try {
    const stored = await jobs.get(job.jobId);
    if (stored?.job.status === 'completed' && stored.job.result.key === resultKey) return;
    await images.delete(resultKey);
  } catch (error) {
    log.warn('result.not_discarded', { resultKey, error: messageOf(error) });
  }
}
