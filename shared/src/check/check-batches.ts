// Batches: every job that one names is there or was removed (I1), and as long as one may need them, so are its images
// (I3); images under its name are those that it lists (I7).
import { isOverdue } from '../deadline.ts';
import { type BatchRecord, everyDocument } from '../documents.ts';
import { JobError } from '../errors.ts';
import { isDone, type Job } from '../job.ts';
import type {
  CallOptions,
  DocumentStore,
  ImageStore,
  JobStore,
  ListedImage,
  StoredDocument,
} from '../ports.ts';
import type { Violation } from './report.ts';

export interface BatchStorage {
  readonly jobs: Pick<JobStore, 'get'>;
  readonly images: Pick<ImageStore, 'list'>;
  readonly batches: Pick<DocumentStore<BatchRecord>, 'get' | 'list'>;
}

/** @param settlingSeconds so young a batch may still be coming in. */
export async function* checkBatches(
  storage: BatchStorage,
  settlingSeconds: number,
  options: CallOptions,
): AsyncGenerator<Violation[]> {
  for await (const { name } of everyDocument(storage.batches, '', options)) {
    const stored = await storage.batches.get(name, options);
    if (stored) yield await checkBatch(storage, stored, settlingSeconds, options);
  }
}

async function checkBatch(
  storage: BatchStorage,
  { value, ageSeconds }: StoredDocument<BatchRecord>,
  settlingSeconds: number,
  options: CallOptions,
): Promise<Violation[]> {
  if (ageSeconds < settlingSeconds || isOverdue({ expiresAt: value.keptUntil }, new Date())) return [];
  const violations: Violation[] = [];
  let mayBePainted = false;
  for (const { jobId } of value.items) {
    const job = await lookUp(storage.jobs, jobId, options);
    // Nobody was told yet that such a batch is taken.
    if (job === 'missing' && value.intake === undefined) {
      const detail = `batch ${value.batchId} names the job, which has no record`;
      violations.push({ invariant: 'I1', subject: jobId, detail });
    }
    mayBePainted ||= typeof job === 'object' && !isDone(job);
  }
  return mayBePainted ? [...violations, ...(await missingImages(storage, value, options))] : violations;
}

type Found = Job | 'gone' | 'unreadable' | 'missing';

async function lookUp(jobs: Pick<JobStore, 'get'>, jobId: string, options: CallOptions): Promise<Found> {
  try {
    return (await jobs.get(jobId, options))?.job ?? 'missing';
  } catch (error) {
    if (!(error instanceof JobError) || error.code === 'storage_unavailable') throw error;
    return error.code === 'job_gone' ? 'gone' : 'unreadable';
  }
}

async function missingImages(
  { images }: BatchStorage,
  { batchId, contents, styles }: BatchRecord,
  options: CallOptions,
): Promise<Violation[]> {
  const kept = new Set<string>();
  for await (const { key } of images.list(`inputs/${batchId}/`, options)) kept.add(key);
  return [...contents, ...styles]
    .filter((key) => !kept.has(key))
    .map((key) => ({
      invariant: 'I3',
      subject: batchId,
      detail: `${key} does not exist, and jobs of the batch are open`,
    }));
}

/** Under the name of a batch. */
export function strayBatchImages(batch: BatchRecord, images: readonly ListedImage[]): ListedImage[] {
  const named = new Set([...batch.contents, ...batch.styles]);
  return images.filter(({ key }) => !named.has(key));
}
