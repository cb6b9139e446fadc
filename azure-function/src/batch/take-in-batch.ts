// The writes that make a batch, in the order that is the promise: images, record, jobs; then the record says that all of
// them are there. The ids of the jobs are in the record, so whoever goes on with a batch makes the same jobs.
import { type BatchRecord, JobError, type Logger } from '@impasto/shared';
import type { Claim } from '../idempotency/make-once.ts';
import type { Surroundings } from '../submit/admission.ts';
import { pictureOf } from '../submit/take-in-job.ts';
import { readRecord } from './batch-record.ts';
import {
  type AskedBatch,
  addOne,
  finishBatch,
  markBrokenOff,
  settle,
  type TakeInBatchDependencies,
} from './finish-batch.ts';
import { inParallel } from './in-parallel.ts';
import { imagesOf, newBatch, submissionOf } from './new-batch.ts';
import { removeBatch } from './remove-batch.ts';

/**
 * @returns the record of the batch, all of whose jobs are there now.
 * @throws JobError `queue_full`, before anything is stored.
 */
export async function takeInBatch(
  deps: TakeInBatchDependencies,
  asked: AskedBatch,
  batchId: string,
  claim: Claim,
): Promise<BatchRecord> {
  const record = newBatch(batchId, claim.createdAt, asked.batch, deps);
  const sources = await findSources(deps, asked);
  const places = sources.filter((source) => source.length === 0).length;
  const write = (found?: Surroundings) => writeBatch(deps, asked, { record, sources, claim, found });
  return places === 0 ? await write() : await deps.admit(places, write);
}

/** For each job those that have painted its picture before; it needs no place in the queue then. */
async function findSources(
  { results }: TakeInBatchDependencies,
  { batch, log }: AskedBatch,
): Promise<(readonly string[])[]> {
  return await inParallel(batch.items, async (_item, index) => {
    const submission = submissionOf(batch, index);
    const picture = submission && pictureOf(submission);
    return picture ? await results.painted(picture, log) : [];
  });
}

interface Writing {
  readonly record: BatchRecord;
  readonly sources: readonly (readonly string[])[];
  readonly claim: Claim;
  readonly found?: Surroundings | undefined;
}

async function writeBatch(
  deps: TakeInBatchDependencies,
  asked: AskedBatch,
  writing: Writing,
): Promise<BatchRecord> {
  const { record } = writing;
  let maybeRecorded = false;
  try {
    await inParallel(imagesOf(record.batchId, asked.batch), ({ key, bytes, contentType }) =>
      deps.images.put(key, bytes, contentType),
    );
    maybeRecorded = true;
    if (!(await deps.batches.create(record.batchId, record))) {
      // Somebody else went on under the same id, with ids of their own for the jobs.
      const { value } = await readRecord(deps.batches, record.batchId);
      return await finishBatch(deps, asked, value);
    }
    await addJobs(deps, asked, writing);
    return await settle(deps, record, asked.log);
  } catch (error) {
    // Somebody who saw the batch has removed it: there is nothing to go on with.
    if (error instanceof JobError && error.code === 'batch_gone') writing.claim.keep();
    else await takeBack(deps, writing, maybeRecorded, asked.log);
    throw error;
  }
}

async function addJobs(
  deps: TakeInBatchDependencies,
  asked: AskedBatch,
  { record, sources, found }: Writing,
): Promise<void> {
  let ahead = 0;
  await inParallel(record.items, async (_item, index) => {
    const source = sources[index];
    const place = found && { ...found, jobsAhead: found.jobsAhead + ahead };
    if (!source?.length) ahead += 1;
    await addOne(deps, asked, record, index, source, place);
  });
}

/**
 * The caller hears that the batch was not taken. Where it has a key, the next request goes on with what is there; without
 * one nobody can, so nobody may work on it either. What cannot be reached now the sweeper clears.
 */
async function takeBack(
  deps: TakeInBatchDependencies,
  { record, claim }: Writing,
  maybeRecorded: boolean,
  log: Logger,
): Promise<void> {
  try {
    if (claim.keyed && maybeRecorded) {
      claim.keep();
      await markBrokenOff(deps.batches, record.batchId);
    } else if (!claim.takenOver && (await claim.release())) {
      await removeBatch(deps, maybeRecorded ? record : { ...record, items: [] });
      await deps.batches.delete(record.batchId);
    }
  } catch (error) {
    claim.keep();
    log.warn('batch.take_back_failed', { batchId: record.batchId, error });
  }
}
