// Holding an answer back until the job is done, or the caller's time for that is over.
import { setTimeout as delay } from 'node:timers/promises';
import { isDone, JobError, type StoredJob } from '@impasto/shared';
import type { ReadJob } from '../jobs/read-job.ts';
import { longerPause, makePacedReads, type PacedReads, type Pause, pause } from './paced-reads.ts';
import { makePlaces, mostWaiters, type Places } from './places.ts';

interface Dependencies {
  readonly readJob: ReadJob;
  /** To share with others who wait for jobs. */
  readonly reads?: PacedReads;
  /** To share with others who wait for whatever; who comes when none is free gets an answer at once. */
  readonly places?: Places | undefined;
}

/**
 * Resolves as soon as the job is done, otherwise with the job as it is after `seconds` (0 or more). While the storage
 * fails the wait goes on; only how the last read ended counts. `gone` gives up the caller's place.
 * @throws JobError `job_not_found`, `job_gone`, or what the last read failed with.
 */
export type WaitForDone = (jobId: string, seconds: number, gone?: AbortSignal) => Promise<StoredJob>;

export function makeWaitForDone(deps: Dependencies): WaitForDone {
  const { reads = makePacedReads(deps.readJob), places } = deps;
  return makeWaitFor({ reads, isOver: ({ job }) => isDone(job), places });
}

interface Waiting<T> {
  readonly reads: PacedReads<T>;
  readonly isOver: (found: T) => boolean;
  readonly places?: Places | undefined;
  readonly pace?: Pause;
}

/** The same for whatever else can be waited for by its id. */
export function makeWaitFor<T>({
  reads,
  isOver,
  places = makePlaces(mostWaiters),
  pace = pause,
}: Waiting<T>): (id: string, seconds: number, gone?: AbortSignal) => Promise<T> {
  async function firstOver(id: string, timeIsUp: Promise<undefined>): Promise<T | undefined> {
    let found = await Promise.race([unlessDown(reads.now(id)), timeIsUp]);
    for (let pauseMs = pace.first; found !== undefined; pauseMs = longerPause(pauseMs, pace)) {
      if (found !== 'down' && isOver(found)) return found;
      found = await Promise.race([unlessDown(reads.next(id, pauseMs)), timeIsUp]);
    }
    return undefined;
  }

  return async (id, seconds, gone) => {
    const leave = seconds > 0 ? places.take() : undefined;
    if (!leave) return await reads.now(id);
    const over = new AbortController();
    try {
      const signal = gone ? AbortSignal.any([over.signal, gone]) : over.signal;
      const timeIsUp = delay(seconds * 1_000, undefined, { signal }).catch(() => undefined);
      return (await firstOver(id, timeIsUp)) ?? (await reads.now(id));
    } finally {
      leave();
      over.abort();
    }
  };
}

/** An outage may be over before the caller's time is. */
export async function unlessDown<T>(reading: Promise<T>): Promise<T | 'down'> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof JobError && error.code === 'storage_unavailable') return 'down';
    throw error;
  }
}
