// Reads of jobs that somebody waits for: all who wait for the same job share them, and they do not follow each other too
// closely.
import { setTimeout as delay } from 'node:timers/promises';
import type { StoredJob } from '@impasto/shared';
import { shareReads } from '../shared-reads.ts';

/** Of jobs, or of whatever else can be waited for by its id. */
export interface PacedReads<T = StoredJob> {
  /** The job as it stands now. */
  readonly now: (id: string) => Promise<T>;
  /** The job as it stands in so many milliseconds, or sooner where somebody else waits for it already. */
  readonly next: (id: string, pauseMs: number) => Promise<T>;
}

/** Who waits looks again soon at first, then less and less often. In milliseconds. */
export const pause: Pause = { first: 250, most: 1_000, growth: 1.25 };

export interface Pause {
  readonly first: number;
  readonly most: number;
  readonly growth: number;
}

export function longerPause(pauseMs: number, { most, growth } = pause): number {
  return Math.min(most, pauseMs * growth);
}

export function makePacedReads<T>(read: (id: string) => Promise<T>): PacedReads<T> {
  const now = shareReads(read);
  const coming = new Map<string, Promise<T>>();

  async function readIn(id: string, pauseMs: number) {
    await delay(pauseMs);
    coming.delete(id);
    return await now(id);
  }

  return {
    now,
    next(id, pauseMs) {
      const soon = coming.get(id) ?? readIn(id, pauseMs);
      coming.set(id, soon);
      // Whoever asked for it may have left by then.
      soon.catch(() => {});
      return soon;
    },
  };
}
