// Reading a batch: its record, and the record of each of its jobs.
import { type BatchRecord, type DocumentStore, isDone, JobError, type StoredJob } from '@impasto/shared';
import type { ReadJob } from '../jobs/read-job.ts';
import { makePacedReads, type PacedReads } from '../waiting/paced-reads.ts';
import { batchGone } from './batch-links.ts';
import { readRecord } from './batch-record.ts';
import { inParallel } from './in-parallel.ts';

/** `coming`: not recorded yet; `lost`: nor will it be, unless its request comes again; `gone`: removed. */
export type Item =
  | { readonly kind: 'there'; readonly stored: StoredJob }
  | { readonly kind: 'coming' | 'lost' }
  | { readonly kind: 'gone'; readonly goneAt?: string | undefined };

export interface BatchState {
  readonly record: BatchRecord;
  /** Another one after each write of the batch's own record. */
  readonly version: string;
  /** In the order of the record. */
  readonly items: readonly Item[];
}

interface Dependencies {
  readonly batches: Pick<DocumentStore<BatchRecord>, 'get'>;
  readonly readJob: ReadJob;
}

/** A submission that has written nothing for so long has failed, and nobody has come to go on with it. */
const lostSeconds = 600;
/** So many batches that somebody waits for are kept in mind. */
const mostRemembered = 20;

/**
 * Reads of whole batches, shared by all who ask for the same at once. `now` reads every job; `next`, for those who wait,
 * leaves out the ones that were seen to have ended for good.
 * @throws JobError `batch_not_found`, or `batch_gone` with the date, also once the last of its jobs is gone.
 */
export type BatchReads = PacedReads<BatchState>;

export function makeBatchReads(deps: Dependencies): BatchReads {
  const remembered = new Map<string, BatchState>();

  async function read(batchId: string, before?: BatchState): Promise<BatchState> {
    remembered.delete(batchId);
    const state = await readBatch(deps, batchId, before);
    if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value ?? '');
    remembered.set(batchId, state);
    return state;
  }

  const { now } = makePacedReads((batchId) => read(batchId));
  const { next } = makePacedReads((batchId) => read(batchId, remembered.get(batchId)));
  return { now, next };
}

async function readBatch(deps: Dependencies, batchId: string, before?: BatchState): Promise<BatchState> {
  const { value: record, version, ageSeconds } = await readRecord(deps.batches, batchId);
  const isLate = ageSeconds > lostSeconds;
  const items = await inParallel(record.items, async ({ jobId }, index) => {
    const known = before?.items[index];
    return known && hasEndedForGood(known) ? known : await readItem(deps.readJob, jobId, record, isLate);
  });
  assertSomethingLeft(record, items);
  return { record, version, items };
}

/** A failed job may be replayed. */
function hasEndedForGood(item: Item): boolean {
  if (item.kind !== 'there') return item.kind === 'gone';
  return isDone(item.stored.job) && item.stored.job.status !== 'failed';
}

async function readItem(
  readJob: ReadJob,
  jobId: string,
  { intake }: BatchRecord,
  isLate: boolean,
): Promise<Item> {
  try {
    return { kind: 'there', stored: await readJob(jobId) };
  } catch (error) {
    if (!(error instanceof JobError)) throw error;
    if (error.code === 'job_gone') return { kind: 'gone', goneAt: error.goneAt };
    if (error.code !== 'job_not_found') throw error;
    // Of a job that was removed long ago there is not even the note any more.
    if (intake === undefined) return { kind: 'gone' };
    return { kind: isLate ? 'lost' : 'coming' };
  }
}

function assertSomethingLeft({ batchId, keptUntil }: BatchRecord, items: readonly Item[]): void {
  if (!items.every(({ kind }) => kind === 'gone')) return;
  const dates = items.flatMap((item) => (item.kind === 'gone' && item.goneAt ? [item.goneAt] : []));
  throw batchGone(batchId, dates.sort().at(-1) ?? keptUntil);
}
