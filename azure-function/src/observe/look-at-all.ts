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

/** Ten pages of records, and one of letters: a few seconds at worst. */
const mostRecords = 10_000;
const mostLetters = 1_000;

/** @throws JobError `storage_unavailable`. */
export async function lookAtAll(storage: ObservedStorage): Promise<Observation> {
  const [jobs, letters, rest] = await Promise.all([
    firstOf(storage.jobs.list(), mostRecords),
    firstOf(everyLetter(storage.deadLetters, ''), mostLetters),
    lookAtQueuesAndWorkers(storage),
  ]);
  const truncated = jobs.length > mostRecords || letters.length > mostLetters;
  return summarise({
    ...rest,
    jobs: jobs.slice(0, mostRecords),
    letters: letters.slice(0, mostLetters),
    truncated,
  });
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

/** One more than `most` where there are more. */
async function firstOf<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
    if (found.length > most) break;
  }
  return found;
}
