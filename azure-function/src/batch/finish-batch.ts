// The jobs of a batch that is recorded: making those that are missing, for the request that recorded it and for one that
// comes with the same key where that broke off.
import type { BatchRecord, Documents, Logger } from '@impasto/shared';
import { inFlight, silentSeconds } from '../idempotency/make-once.ts';
import type { Admit, Surroundings } from '../submit/admission.ts';
import { foretold, jobOf, type TakeInDependencies } from '../submit/take-in-job.ts';
import { type AddDependencies, addJob, goOnWithJob } from './add-job.ts';
import type { SubmittedBatch } from './batch-form.ts';
import { batchGone } from './batch-links.ts';
import { changeRecord } from './batch-record.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { inParallel } from './in-parallel.ts';
import { type BatchTimes, partOf, submissionOf } from './new-batch.ts';
import { type RemoveDependencies, removeBatch } from './remove-batch.ts';

export type TakeInBatchDependencies = AddDependencies &
  RemoveDependencies &
  BatchTimes &
  Pick<Documents, 'batches'> &
  Pick<TakeInDependencies, 'maxReplicas' | 'assumedColdStart'> & {
    readonly admit: Admit;
  };

/** A batch, and what of its request belongs to it. */
export interface AskedBatch {
  readonly batch: SubmittedBatch;
  /** Where the caller reached us: `https://host`. */
  readonly origin: string;
  readonly traceparent: string;
  readonly log: Logger;
}

export async function addOne(
  deps: TakeInBatchDependencies,
  { batch, origin, traceparent, log }: AskedBatch,
  record: BatchRecord,
  index: number,
  source: readonly string[] = [],
  found?: Surroundings,
): Promise<void> {
  const submission = submissionOf(batch, index);
  const item = record.items[index];
  if (!submission || !item) throw new Error(`Expected item ${index} in what was sent, found none`);
  const asked = { submission, origin, traceparent };
  const job = jobOf(deps, asked, item.jobId, record.createdAt, partOf(record, index));
  await addJob(deps, { job: found ? foretold(deps, job, found) : job, submission, source }, log);
}

/** Goes on with a batch that broke off: makes the jobs that are missing. Their places were given when it first came. */
export async function finishBatch(
  deps: TakeInBatchDependencies,
  asked: AskedBatch,
  record: BatchRecord,
): Promise<BatchRecord> {
  await inParallel(record.items, async ({ jobId }, index) => {
    if (!(await goOnWithJob(deps, jobId))) await addOne(deps, asked, record, index);
  });
  return await settle(deps, record, asked.log);
}

/** All jobs are there. Somebody may have wanted the end of the batch meanwhile. */
export async function settle(
  deps: TakeInBatchDependencies,
  { batchId, items }: BatchRecord,
  log: Logger,
): Promise<BatchRecord> {
  const record = await changeRecord(deps.batches, batchId, ({ intake: _, ...rest }) => rest);
  if (record.goneAt !== undefined) {
    await removeBatch(deps, { ...record, items });
    throw batchGone(batchId, record.goneAt);
  }
  if (record.cancelRequestedAt !== undefined) await cancelJobs(deps, items, log);
  return record;
}

export async function markBrokenOff(batches: Documents['batches'], batchId: string): Promise<void> {
  await changeRecord(batches, batchId, (now) => (now.intake ? { ...now, intake: 'broken_off' } : now));
}

/**
 * What became of the batch that an earlier request with the same key has recorded; one that broke off is gone on with.
 * @throws JobError `batch_gone`, or `idempotency_in_flight` where the earlier request may still be at it.
 */
export async function recallBatch(
  deps: TakeInBatchDependencies,
  asked: AskedBatch,
  batchId: string,
): Promise<BatchRecord | undefined> {
  const found = await deps.batches.get(batchId);
  if (!found) return undefined;
  const { value: record, version, ageSeconds } = found;
  if (record.goneAt !== undefined) throw batchGone(batchId, record.goneAt);
  if (record.intake === undefined) return record;
  if (record.intake === 'under_way' && ageSeconds < silentSeconds) throw inFlight();
  if (!(await deps.batches.replace(batchId, { ...record, intake: 'under_way' }, version))) throw inFlight();
  try {
    return await finishBatch(deps, asked, record);
  } catch (error) {
    await markBrokenOff(deps.batches, batchId).catch((later: unknown) =>
      asked.log.warn('batch.take_back_failed', { batchId, error: later }),
    );
    throw error;
  }
}
