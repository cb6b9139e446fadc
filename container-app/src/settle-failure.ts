// What becomes of an attempt that did not complete its job: given up to another worker, handed back, tried again or
// failed for good; and of a result that it may have stored already.
import {
  type DeadLetterStore,
  holds,
  type ImageStore,
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

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
}

/** `engine_lost`: the job was handed back because this worker can paint no more. */
export type FailedOutcome = 'failed' | 'retry' | 'handed_back' | 'superseded' | 'engine_lost';

const retryDelaySeconds = 5;

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
  if (handBack.aborted) return await giveBack(deps, attempt, 'handed_back');
  if (thrown instanceof EngineLost) return await giveBack(deps, attempt, 'engine_lost');
  return await fail(deps, attempt, toJobError(thrown));
}

/** Another worker has the job, or it was ended from outside: nothing is written. Whoever receives the message sees. */
async function yieldToOther({ lease, log }: Attempt, reason: unknown): Promise<FailedOutcome> {
  log.warn('job.superseded', { reason: messageOf(reason) });
  await lease.release(0);
  return 'superseded';
}

async function giveBack(
  { jobs }: Dependencies,
  { job, claim, lease, log }: Attempt,
  why: 'handed_back' | 'engine_lost',
): Promise<FailedOutcome> {
  await jobs.update(job.jobId, (now) => transition(now, { type: 'handed_back', claim }));
  await lease.release(0);
  log.info('job.handed_back', { why });
  return why;
}

async function fail(deps: Dependencies, attempt: Attempt, error: JobError): Promise<FailedOutcome> {
  const { job, claim, lease, log } = attempt;
  const { code, message, retryable } = error;
  const at = new Date().toISOString();
  let wasOurs = false;
  const after = await deps.jobs.update(job.jobId, (now) => {
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
