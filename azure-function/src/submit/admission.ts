// Admission control: how many jobs may wait. The queue is looked at about once a second for all submissions together; in
// between, what this instance has sent since or is about to send is added.
import { JobError, type SeenWorker } from '@impasto/shared';
import { drainSeconds, type WaitEstimate } from '../waiting/estimate-wait.ts';
import { type Look, type LookAround, oldestSeconds } from '../waiting/look-around.ts';

interface Dependencies {
  readonly lookAround: LookAround;
  /** Messages in the queue at which no more are taken, those being worked on included. */
  readonly maxQueued: number;
  readonly assumedColdStart: WaitEstimate;
}

/** What a submission finds when it comes in. */
export interface Surroundings {
  readonly jobsAhead: number;
  readonly workers: readonly SeenWorker[];
  /** For how long the oldest message has waited. */
  readonly wokenSecondsAgo: number;
}

/**
 * Gives so many places in the queue (1 or more) to `submit`, which either sends as many messages or fails. All of them or
 * none: where there are fewer, nothing is begun.
 * @throws JobError `queue_full` before `submit` is called, or `too_many_jobs` for more places than there are; `storage_unavailable` while the queue is left alone.
 */
export type Admit = <T>(places: number, submit: (found: Surroundings) => Promise<T>) => Promise<T>;

/** With other instances beside this one, the queue may grow by what they send within a second. */
export function makeAdmission(deps: Dependencies): Admit {
  const { lookAround } = deps;
  const refusals = new WeakMap<Look, number>();
  // Only ever grows: places given out and not given back.
  let taken = 0;

  function queueFull(seen: Look, waiting: number, places: number): JobError {
    // Each one that is refused gets a later time than the one before, so that they do not all come back at once.
    const before = refusals.get(seen) ?? 0;
    refusals.set(seen, before + places);
    return queueFullBy(deps, seen, { waiting, places, refusedBefore: before });
  }

  return async (places, submit) => {
    if (places > deps.maxQueued) throw tooMany(places, deps.maxQueued);
    const seen = await lookAround.look();
    // The queue will not take a message either: better said now than after the images are stored. No job is refused
    // because it could not be counted; the writes that follow have their own word on that.
    if (seen.refusal !== undefined) throw seen.refusal;
    // A message sent while they were counted may count twice for a second: too few places rather than too many.
    const jobsAhead = (seen.messages ?? 0) + taken - seen.sentBefore;
    if (seen.messages !== undefined && jobsAhead + places > deps.maxQueued)
      throw queueFull(seen, jobsAhead, places);
    taken += places;
    try {
      const answer = await submit({
        jobsAhead,
        workers: seen.workers ?? [],
        wokenSecondsAgo: oldestSeconds(seen),
      });
      for (let sent = 0; sent < places; sent += 1) lookAround.noteSent();
      return answer;
    } catch (error) {
      taken -= places;
      throw error;
    }
  };
}

/** No waiting helps. */
function tooMany(places: number, maxQueued: number): JobError {
  return new JobError(
    'too_many_jobs',
    `Expected at most ${maxQueued} jobs that are to be painted, as many as may wait, received ${places}`,
  );
}

function queueFullBy(
  { maxQueued, assumedColdStart }: Dependencies,
  { workers = [] }: Look,
  { waiting, places, refusedBefore }: { waiting: number; places: number; refusedBefore: number },
): JobError {
  const jobs = waiting + places - maxQueued + refusedBefore;
  const wanted = places === 1 ? 'for another to be taken' : `for ${places} to be taken`;
  return new JobError(
    'queue_full',
    `Expected at most ${Math.max(0, maxQueued - places)} jobs in the queue, ${wanted}, found ${waiting}`,
    { retryAfterSeconds: drainSeconds(jobs, workers, assumedColdStart) },
  );
}
