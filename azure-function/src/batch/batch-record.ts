// The record of a batch: reading it for whoever asks for the batch, and changing it.
import { type BatchRecord, type Documents, JobError } from '@impasto/shared';
import { batchGone, noSuchBatch } from './batch-links.ts';

/** Somebody else changes a batch's own record once or twice in its life. */
const mostTries = 10;

/** @throws JobError `batch_not_found` or `batch_gone`. */
export async function readRecord(batches: Pick<Documents['batches'], 'get'>, batchId: string) {
  const found = await batches.get(batchId);
  if (!found) throw noSuchBatch(batchId);
  if (found.value.goneAt !== undefined) throw batchGone(batchId, found.value.goneAt);
  return found;
}

/**
 * Changes the record of a batch, unless it is gone: then it stays as it is.
 * @returns the record as it stands now.
 * @throws JobError `batch_not_found`.
 */
export async function changeRecord(
  batches: Documents['batches'],
  batchId: string,
  change: (now: BatchRecord) => BatchRecord,
): Promise<BatchRecord> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await batches.get(batchId);
    if (!found || found.value.goneAt !== undefined)
      return found?.value ?? (await readRecord(batches, batchId)).value;
    const next = change(found.value);
    if (next === found.value || (await batches.replace(batchId, next, found.version))) return next;
  }
  throw new JobError(
    'storage_unavailable',
    `batch ${batchId} was changed by others ${mostTries} times in a row`,
  );
}
