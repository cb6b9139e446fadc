// Addresses of a batch, absolute; and the id in such an address.
import type { HttpRequest } from '@azure/functions';
import { type BatchLinks, JobError } from '@impasto/shared';
import { validate } from 'uuid';
import { originOf } from '../jobs/job-links.ts';

export function batchLinksOf(request: HttpRequest, batchId: string): BatchLinks {
  const batch = `${originOf(request)}/api/batch/${batchId}`;
  return { status: batch, cancel: `${batch}/cancel`, delete: batch, results: `${batch}/results` };
}

/** @throws JobError `batch_not_found` where the path holds no id that we could have given out. */
export function batchIdOf(request: HttpRequest): string {
  const batchId = request.params.batch_id ?? '';
  if (validate(batchId)) return batchId.toLowerCase();
  throw noSuchBatch(batchId);
}

export function noSuchBatch(batchId: string): JobError {
  return new JobError(
    'batch_not_found',
    `Expected the id of a batch, received ${JSON.stringify(batchId.slice(0, 60))}`,
  );
}

export function batchGone(batchId: string, goneAt: string): JobError {
  return new JobError('batch_gone', `batch ${batchId} was removed at ${goneAt}`, { goneAt });
}
