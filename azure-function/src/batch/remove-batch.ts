// Removing what belongs to a batch: its jobs with all of theirs, and its images.
import type { BatchRecord, ImageStore } from '@impasto/shared';
import { deleteJob } from '../jobs/delete-job.ts';
import { inParallel } from './in-parallel.ts';

export type RemoveDependencies = Parameters<typeof deleteJob>[0] & {
  readonly images: Pick<ImageStore, 'list' | 'delete'>;
};

/** Safe to repeat. Of several that cannot be removed the first is thrown, once all were tried. */
export async function removeBatch(deps: RemoveDependencies, batch: BatchRecord): Promise<void> {
  const { batchId, createdAt, items } = batch;
  await inParallel(items, ({ jobId }) => deleteJob(deps, { jobId, createdAt }), { tenacious: true });
  for await (const { key } of deps.images.list(`inputs/${batchId}/`)) await deps.images.delete(key);
}
