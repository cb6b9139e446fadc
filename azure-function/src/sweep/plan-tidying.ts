// What of the leftovers may go: their time is over, or the job that they are about is gone.
import { jobIdInIndexName, type ListedDocument, limits } from '@impasto/shared';
import type { SweepSettings } from './plan-repairs.ts';
import type { Snapshot } from './snapshot.ts';

export type Tidying =
  | { readonly kind: 'delete_key' | 'delete_reuse'; readonly name: string }
  | { readonly kind: 'delete_entry' | 'delete_delivery'; readonly name: string; readonly jobId: string }
  | { readonly kind: 'forget_batch'; readonly batchId: string };

/** A key answers for its request for at least so long. */
export const keptKeySeconds = 24 * 3600;
/** A batch of which not every job could be made waits for so long for its caller to come back with its key. */
export const abandonedSeconds = 3600;
/** No result is kept for longer. */
export const keptReuseSeconds = limits.maxRetentionHours * 3600;

export function planTidying(snapshot: Snapshot, settings: SweepSettings): Tidying[] {
  const { leftovers, images } = snapshot;
  const olderThan = (seconds: number) => (document: ListedDocument) => document.ageSeconds > seconds;
  // Without its images a batch is kept as long as the notes of its jobs.
  const mayBeOver = ({ name, ageSeconds }: ListedDocument) =>
    images.has(name) || ageSeconds > settings.tombstoneHours * 3600;
  return [
    ...leftovers.idempotencyKeys
      .filter(olderThan(keptKeySeconds))
      .map(({ name }) => ({ kind: 'delete_key', name }) as const),
    ...leftovers.reuse
      .filter(olderThan(keptReuseSeconds))
      .map(({ name }) => ({ kind: 'delete_reuse', name }) as const),
    ...withoutJob(leftovers.jobIndex, jobIdInIndexName, snapshot, settings).map(
      (which) => ({ kind: 'delete_entry', ...which }) as const,
    ),
    ...withoutJob(leftovers.deliveries, jobIdInDeliveryName, snapshot, settings).map(
      (which) => ({ kind: 'delete_delivery', ...which }) as const,
    ),
    ...leftovers.batches
      .filter(mayBeOver)
      .map(({ name }) => ({ kind: 'forget_batch', batchId: name }) as const),
  ];
}

/** An entry is written before its record, so a young one without a record may be waiting for it. */
function withoutJob(
  documents: readonly ListedDocument[],
  jobIdOf: (name: string) => string | undefined,
  { jobs }: Snapshot,
  { orphanSeconds, silentSeconds }: SweepSettings,
): { name: string; jobId: string }[] {
  return documents.flatMap(({ name, ageSeconds }) => {
    const jobId = jobIdOf(name);
    if (jobId === undefined) return [];
    const job = jobs.get(jobId);
    const isOver = job ? job.status === 'gone' && job.ageSeconds > silentSeconds : ageSeconds > orphanSeconds;
    return isOver ? [{ name, jobId }] : [];
  });
}

export function jobIdInDeliveryName(name: string): string {
  return name.split('/', 1)[0] ?? '';
}
