// What becomes of an attempt that did not complete its job: given up to another worker, handed back, canceled, tried again
// or failed for good; and of the pictures that it may have stored already.
import {
  type DeadLetterStore,
  holds,
  type ImageStore,
  isDone,
  type Job,
  type JobError,
  type JobStore,
  LeaseLost,
  messageOf,
  recordFailedJob,
  thumbnailKeyOf,
  toJobError,
  transition,
} from '@impasto/shared';
import { currentSpan, failSpan } from '@impasto/shared/telemetry';
import type { Attempt } from './attempt.ts';
import { EngineLost } from './engine/engine.ts';
import { patiently } from './patiently.ts';
import { CancelRequested, isRemoved, JobRemoved } from './record-watch.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
  readonly patienceSeconds: number;
}

/** `engine_lost`: the job was handed back because this worker can paint no more. `removed`: there is no such job now. */
export type FailedOutcome =
  | 'failed'
  | 'canceled'
  | 'retry'
  | 'handed_back'
  | 'superseded'
  | 'removed'
  | 'engine_lost';

interface Settlement {
  readonly outcome: FailedOutcome;
  /** The job, where this attempt has ended it. */
  readonly ended?: Job;
}

const retryDelaySeconds = 5;
/** A worker that has to stop has so long for its last words to the storage. */
const lastWordSeconds = 6;

/** @param thrown what ended the attempt. */
export async function settleFailure(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  thrown: unknown,
): Promise<Settlement> {
  const settlement = await settle(deps, attempt, handBack, thrown).catch((error) => {
    if (isRemoved(error)) return letGo(attempt);
    throw error;
  });
  await discardPictures(deps, attempt);
  return settlement;
}

async function settle(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  thrown: unknown,
): Promise<Settlement> {
  const why: unknown = attempt.watch.ended.reason;
  if (why instanceof JobRemoved || isRemoved(thrown)) return await letGo(attempt);
  const lost = [thrown, why].find((one) => one instanceof LeaseLost) ?? attempt.lease.lost.reason;
  if (lost !== undefined) return await yieldToOther(attempt, lost);
  if (handBack.aborted) return await giveBack(deps, attempt, handBack, 'handed_back');
  if (thrown instanceof EngineLost) return await giveBack(deps, attempt, handBack, 'engine_lost');
  if (why instanceof CancelRequested) return await giveBack(deps, attempt, handBack, 'canceled');
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
async function yieldToOther({ lease, log }: Attempt, reason: unknown): Promise<Settlement> {
  log.warn('job.superseded', { reason: messageOf(reason) });
  await lease.release(0);
  return { outcome: 'superseded' };
}

/** There is no job any more that anything could be written about. */
async function letGo({ lease, log }: Attempt): Promise<Settlement> {
  log.info('job.removed');
  await lease.acknowledge();
  return { outcome: 'removed' };
}

/** Unfinished, and by no fault of the job: for another attempt, unless its caller wants none. */
async function giveBack(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  why: 'handed_back' | 'engine_lost' | 'canceled',
): Promise<Settlement> {
  const { claim, lease, log, progress } = attempt;
  const at = new Date().toISOString();
  const processingSeconds = secondsSince(attempt.startedAt);
  const stopped = { type: 'stopped', claim, at, phase: progress.phase(), processingSeconds } as const;
  let wasOurs = false;
  const after = await changeRecord(deps, attempt, handBack, (now) => {
    wasOurs ||= holds(now, claim);
    return transition(
      now,
      now.cancelRequestedAt === undefined ? { type: 'handed_back', claim, at } : stopped,
    );
  });
  if (wasOurs && isDone(after)) {
    await lease.acknowledge();
    log.info('job.canceled', { why, phase: stopped.phase, processingSeconds });
    return { outcome: why === 'engine_lost' ? why : 'canceled', ended: after };
  }
  await lease.release(0);
  log.info('job.handed_back', { why });
  return { outcome: why === 'canceled' ? 'handed_back' : why };
}

async function fail(
  deps: Dependencies,
  attempt: Attempt,
  handBack: AbortSignal,
  error: JobError,
): Promise<Settlement> {
  const { claim, lease, log } = attempt;
  const { code, message, retryable } = error;
  const at = new Date().toISOString();
  let wasOurs = false;
  const after = await changeRecord(deps, attempt, handBack, (now) => {
    wasOurs ||= holds(now, claim);
    return transition(now, { type: 'attempt_failed', claim, error: { code, message, retryable }, at });
  });
  if (!wasOurs) return await yieldToOther(attempt, error);
  failSpan(currentSpan(), error);
  // What is wrong with a picture is its sender's business, not an operator's.
  if (error.retryable) log.error('job.attempt_failed', { error, status: after.status });
  else log.warn('job.failed', { code, message });
  if (!isDone(after)) {
    await lease.release(retryDelaySeconds);
    return { outcome: 'retry' };
  }
  await recordFailedJob(deps.deadLetters, after);
  await lease.acknowledge();
  return { outcome: after.status === 'failed' ? 'failed' : 'canceled', ended: after };
}

function secondsSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt) / 1000;
}

/**
 * Deletes pictures that the record does not name. Only once the record is settled: a commit whose answer got lost may
 * stand after all.
 */
async function discardPictures(deps: Dependencies, { job, resultKey, log }: Attempt): Promise<void> {
  const { images } = deps;
  try {
    if (await isNamed(deps, job.jobId, resultKey)) return;
    await Promise.all([images.delete(resultKey), images.delete(thumbnailKeyOf(resultKey))]);
  } catch (error) {
    log.warn('result.not_discarded', { resultKey, error: messageOf(error) });
  }
}

async function isNamed({ jobs }: Dependencies, jobId: string, resultKey: string): Promise<boolean> {
  try {
    const stored = await jobs.get(jobId);
    return stored?.job.status === 'completed' && stored.job.result.key === resultKey;
  } catch (error) {
    if (isRemoved(error)) return false;
    throw error;
  }
}
