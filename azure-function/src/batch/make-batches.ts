// Everything around batches, put together: they share the reads of their jobs.
import type { Documents } from '@impasto/shared';
import type { Handler } from '../http/respond.ts';
import type { makeCancelJob } from '../jobs/cancel-job.ts';
import type { ReadJob } from '../jobs/read-job.ts';
import type { Pause } from '../waiting/paced-reads.ts';
import type { Places } from '../waiting/places.ts';
import { makeWaitFor } from '../waiting/wait-for-done.ts';
import { makeBatchResults } from './batch-results.ts';
import { isBatchDone } from './batch-view.ts';
import { makeCancelBatch, makeDeleteBatch } from './end-batch.ts';
import { makeGetBatch } from './get-batch.ts';
import { type BatchState, makeBatchReads } from './read-batch.ts';
import { makeSubmitBatch, type SubmitBatchDependencies } from './submit-batch.ts';

/** Resolves as soon as the batch is done, otherwise with the batch as it is after `seconds` (0 or more). */
export type WaitForBatch = ReturnType<typeof makeWaitFor<BatchState>>;

type Dependencies = Omit<SubmitBatchDependencies, 'waitForBatch'> &
  Pick<Documents, 'batches'> &
  Parameters<typeof makeCancelJob>[0] & {
    readonly readJob: ReadJob;
    /** To share with those who wait for jobs. */
    readonly places?: Places;
  };

/** A look at a batch is up to two hundred reads. */
const pace: Pause = { first: 500, most: 3_000, growth: 1.5 };

export interface Batches {
  readonly submitBatch: Handler;
  readonly getBatch: Handler;
  readonly cancelBatch: Handler;
  readonly deleteBatch: Handler;
  readonly batchResults: Handler;
}

export function makeBatches(given: Dependencies): Batches {
  const batchReads = makeBatchReads(given);
  const waitForBatch = makeWaitFor({ reads: batchReads, isOver: isBatchDone, pace, places: given.places });
  const deps = { ...given, batchReads, waitForBatch };
  return {
    submitBatch: makeSubmitBatch(deps),
    getBatch: makeGetBatch(deps),
    cancelBatch: makeCancelBatch(deps),
    deleteBatch: makeDeleteBatch(deps),
    batchResults: makeBatchResults(deps),
  };
}
