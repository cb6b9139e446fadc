// A look at the whole service for whoever asks for its metrics: bounded, however much is kept.
import {
  type CallOptions,
  type CountedQueue,
  type DeadLetterStore,
  everyLetter,
  type JobStore,
  type WorkerDirectory,
} from '@impasto/shared';
import { type Observation, type Seen, summarise } from './observation.ts';

export interface ObservedStorage {
  readonly jobs: Pick<JobStore, 'list'>;
  readonly deadLetters: DeadLetterStore;
  readonly queue: CountedQueue;
  readonly notices: CountedQueue;
  readonly poison: CountedQueue;
  readonly workers: Pick<WorkerDirectory, 'list'>;
}

/** Ten pages of records, and one of letters. */
const mostRecords = 10_000;
const mostLetters = 1_000;
/** Whoever collects metrics gives up after ten seconds, as Prometheus comes: a storage that is slow is listed in part. */
const mostListingMs = 4_000;

/**
 * @param nowMs by any clock that goes on.
 * @throws JobError `storage_unavailable`.
 */
export async function lookAtAll(
  storage: ObservedStorage,
  nowMs: () => number = () => performance.now(),
): Promise<Observation> {
  const endMs = nowMs() + mostListingMs;
  const hasTime = () => nowMs() < endMs;
  const [jobs, letters, rest] = await Promise.all([
    firstOf(storage.jobs.list(), mostRecords, hasTime),
    firstOf(everyLetter(storage.deadLetters, ''), mostLetters, hasTime),
    lookAtQueuesAndWorkers(storage),
  ]);
  const truncated = jobs.cut || letters.cut;
  return summarise({ ...rest, jobs: jobs.found, letters: letters.found, truncated });
}

/** What no listing of records shows. */
export async function lookAtQueuesAndWorkers(
  { queue, notices, poison, workers }: Pick<ObservedStorage, 'queue' | 'notices' | 'poison' | 'workers'>,
  options: CallOptions = {},
): Promise<Pick<Seen, 'depth' | 'poisonMessages' | 'workers'>> {
  const [jobs, webhooks, poisonMessages, seen] = await Promise.all([
    queue.countMessages(options),
    notices.countMessages(options),
    poison.countMessages(options),
    workers.list(options),
  ]);
  return { depth: { jobs, webhooks }, poisonMessages, workers: seen };
}

/** @returns also whether it was cut short: there were more than `most`, or no more time. */
async function firstOf<T>(
  items: AsyncIterable<T>,
  most: number,
  hasTime: () => boolean,
): Promise<{ readonly found: readonly T[]; readonly cut: boolean }> {
  const found: T[] = [];
  for await (const item of items) {
    if (found.length >= most || !hasTime()) return { found, cut: true };
    found.push(item);
  }
  return { found, cut: false };
}
