// Carries out what was planned for the leftovers, each after a look at what stands there now.
import {
  type BatchRecord,
  type CallOptions,
  isDone,
  isOverdue,
  type Job,
  picturesAreGone,
  type StoredDocument,
} from '@impasto/shared';
import { removeBatch } from '../batch/remove-batch.ts';
import { lookUp } from '../jobs/look-up.ts';
import type { SweepSettings } from './plan-repairs.ts';
import { abandonedSeconds, keptKeySeconds, keptReuseSeconds, type Tidying } from './plan-tidying.ts';
import type { SweptStorage } from './snapshot.ts';

/** @returns whether there was anything to do. */
export async function applyTidying(
  storage: SweptStorage,
  settings: SweepSettings,
  tidying: Tidying,
  options: CallOptions,
): Promise<boolean> {
  switch (tidying.kind) {
    case 'delete_key':
      return await deleteOld(storage.idempotencyKeys, tidying.name, keptKeySeconds, options);
    case 'delete_reuse':
      return await deleteOld(storage.reuse, tidying.name, keptReuseSeconds, options);
    case 'delete_entry':
      return await deleteOfGoneJob(storage, storage.jobIndex, tidying, options);
    case 'delete_delivery':
      return await deleteOfGoneJob(storage, storage.deliveries, tidying, options);
    case 'forget_batch':
      return await forgetBatch(storage, settings, tidying.batchId, options);
  }
}

type Deletable = Pick<SweptStorage['reuse'], 'delete'> & {
  get(
    name: string,
    options?: CallOptions,
  ): Promise<{ readonly version: string; readonly ageSeconds: number } | undefined>;
};

/** Somebody may have written it anew. */
async function deleteOld(
  documents: Deletable,
  name: string,
  keptSeconds: number,
  options: CallOptions,
): Promise<boolean> {
  const found = await documents.get(name, options);
  if (!found || found.ageSeconds <= keptSeconds) return false;
  return await documents.delete(name, { ...options, version: found.version });
}

async function deleteOfGoneJob(
  { jobs }: SweptStorage,
  documents: Pick<SweptStorage['jobIndex'], 'delete'>,
  { name, jobId }: { readonly name: string; readonly jobId: string },
  options: CallOptions,
): Promise<boolean> {
  const job = await lookUp(jobs, jobId, options);
  if (job !== undefined && job !== 'gone') return false;
  return await documents.delete(name, options);
}

/** The images first, when no job can need them any more; that there was such a batch is known for longer. */
async function forgetBatch(
  storage: SweptStorage,
  { tombstoneHours }: SweepSettings,
  batchId: string,
  options: CallOptions,
): Promise<boolean> {
  const { batches } = storage;
  const batch = await batches.get(batchId, options);
  const nowMs = Date.now();
  if (batch && isAbandoned(batch)) return await removeAbandoned(storage, batch, options);
  if (!batch || !isOverdue({ expiresAt: batch.value.keptUntil }, new Date(nowMs))) return false;
  const isDeleted = batch.value.goneAt !== undefined;
  if (!isDeleted && (await mayBePainted(storage, batch.value, options))) return false;
  // Of a batch that its caller has deleted something was left behind.
  if (isDeleted) await removeBatch(storage, batch.value);
  const hadImages = isDeleted || (await deleteImages(storage, batchId, options));
  const before = new Date(nowMs - tombstoneHours * 3600 * 1000);
  if (!isOverdue({ expiresAt: batch.value.keptUntil }, before)) return hadImages;
  return await batches.delete(batchId, { ...options, version: batch.version });
}

type StoredBatch = StoredDocument<BatchRecord>;

/** Its caller was never told that it is taken, and has not come back with its key. */
function isAbandoned({ value, ageSeconds }: StoredBatch): boolean {
  return value.intake !== undefined && value.goneAt === undefined && ageSeconds > abandonedSeconds;
}

/** Nothing is left of it, so that whoever does come with its key begins anew. */
async function removeAbandoned(
  storage: SweptStorage,
  { value, version }: StoredBatch,
  options: CallOptions,
): Promise<boolean> {
  const { batches } = storage;
  const { batchId } = value;
  const goneAt = new Date().toISOString();
  // From now on nobody goes on with it.
  if (!(await batches.replace(batchId, { ...value, goneAt, keptUntil: goneAt }, version, options)))
    return false;
  await removeBatch(storage, value);
  const marked = await batches.get(batchId, options);
  return marked !== undefined && (await batches.delete(batchId, { ...options, version: marked.version }));
}

async function mayBePainted(
  { jobs }: SweptStorage,
  { items }: BatchRecord,
  options: CallOptions,
): Promise<boolean> {
  for (const { jobId } of items) {
    const job = await lookUp(jobs, jobId, options);
    if (job !== undefined && job !== 'gone' && mayNeedInputs(job)) return true;
  }
  return false;
}

/** @returns whether there were any. */
async function deleteImages(
  { images }: SweptStorage,
  batchId: string,
  options: CallOptions,
): Promise<boolean> {
  let deleted = 0;
  for await (const { key } of images.list(`inputs/${batchId}/`, options)) {
    await images.delete(key, options);
    deleted += 1;
  }
  return deleted > 0;
}

/** A failed one may be replayed until its time is over. */
function mayNeedInputs(job: Job): boolean {
  return !isDone(job) || (job.status === 'failed' && !picturesAreGone(job));
}
