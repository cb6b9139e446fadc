// POST /api/batch/{batch_id}/cancel and DELETE /api/batch/{batch_id}. Both write first what is wanted, so that a repeat
// finishes what was cut off, and a submission that is still at it hears of it.
import type { BatchRecord, Documents } from '@impasto/shared';
import type { Handler } from '../http/respond.ts';
import type { cancelJob } from '../jobs/cancel-job.ts';
import type { ViewJob } from '../jobs/job-view.ts';
import { batchGone, batchIdOf, noSuchBatch } from './batch-links.ts';
import { changeRecord } from './batch-record.ts';
import { comeBackHeader, isBatchDone, viewBatch } from './batch-view.ts';
import { cancelJobs } from './cancel-jobs.ts';
import type { BatchReads } from './read-batch.ts';
import { type RemoveDependencies, removeBatch } from './remove-batch.ts';

type CancelDependencies = Parameters<typeof cancelJob>[0] &
  Pick<Documents, 'batches'> & { readonly batchReads: BatchReads; readonly viewJob: ViewJob };

/** Of a batch that is done nothing changes. */
export function makeCancelBatch(deps: CancelDependencies): Handler {
  const { batches, batchReads, viewJob } = deps;
  return async (request, { log }) => {
    const batchId = batchIdOf(request);
    let state = await batchReads.now(batchId);
    if (!isBatchDone(state)) {
      const at = new Date().toISOString();
      const record = await changeRecord(batches, batchId, (now) =>
        now.cancelRequestedAt === undefined ? { ...now, cancelRequestedAt: at } : now,
      );
      await cancelJobs(deps, record.items, log);
      state = await batchReads.now(batchId);
    }
    const view = await viewBatch(viewJob, request, state);
    return { jsonBody: view, headers: comeBackHeader(view) };
  };
}

type DeleteDependencies = RemoveDependencies & Pick<Documents, 'batches'>;

/** What stays is a note without any content that there was such a batch, and since when it is gone. */
export function makeDeleteBatch(deps: DeleteDependencies): Handler {
  return async (request) => {
    const batchId = batchIdOf(request);
    const record = await markGone(deps.batches, batchId);
    await removeBatch(deps, record);
    const { createdAt, goneAt, keptUntil } = record;
    const nothing = { contents: [], styles: [], items: [], metadata: {} };
    await deps.batches.put(batchId, { batchId, createdAt, goneAt, keptUntil, ...nothing });
    return { status: 204 };
  };
}

/**
 * @returns the record with all that is to be removed, also where somebody began with that and was cut off.
 * @throws JobError `batch_not_found`, or `batch_gone` where nothing is left to do.
 */
async function markGone(batches: Documents['batches'], batchId: string): Promise<BatchRecord> {
  const goneAt = new Date().toISOString();
  if (!(await batches.get(batchId))) throw noSuchBatch(batchId);
  // From now on the sweeper counts the time for which the note is kept.
  const record = await changeRecord(batches, batchId, (now) => ({ ...now, goneAt, keptUntil: goneAt }));
  if (record.goneAt !== undefined && record.items.length === 0) throw batchGone(batchId, record.goneAt);
  return record;
}
