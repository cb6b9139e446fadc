// How long a job will probably take from now on, from what is known right now, as a range and in words.
import type { SeenWorker } from '@impasto/shared';
import { type Observed, observe, secondsEach, type WaitEstimate } from './observed.ts';
import { isCold, isFailing, poolOf } from './worker-pool.ts';

export type { WaitEstimate } from './observed.ts';
export { isCold } from './worker-pool.ts';

interface Situation {
  /** Jobs that will be done before this one, those being worked on included. */
  readonly jobsAhead: number;
  readonly workers: readonly SeenWorker[];
  readonly maxReplicas: number;
  /** Seconds that a worker takes to come up, as assumed until one was seen to. */
  readonly assumedColdStart: WaitEstimate;
  /** For how long the oldest message has waited: since then workers are on their way, should there be none. */
  readonly wokenSecondsAgo?: number;
}

/** A caller who is told to come back later is told this much at least and at most. */
const comeBack = { least: 1, most: 60 };
/** Nobody is made to learn later than this of what is done, where that may be any moment. */
const longestLateSeconds = 10;
/** A worker looks for messages this often at worst, and its last word takes a moment to be read. In seconds. */
const noticeSeconds = 1;
/** What nobody can foretell is not foretold for longer than this. */
const longestSeconds = 600;

/** Seconds until the result of a job that waits, whole ones. */
export function estimateWait(situation: Situation): WaitEstimate {
  const { jobsAhead, workers, assumedColdStart } = situation;
  const waitingAhead = Math.max(0, jobsAhead - poolOf(workers).busy);
  const seen = observe(workers, assumedColdStart);
  const [best, worst] = serversOf(situation, seen);
  const low = doneAfter(best, waitingAhead, (inARow) => secondsEach(seen.jobSeconds, inARow).low);
  const high = doneAfter(worst, waitingAhead, (inARow) => secondsEach(seen.jobSeconds, inARow).high);
  const notForetold = isFailing(workers) ? longestSeconds : 0;
  return wholeSeconds(low, Math.max(high + noticeSeconds, notForetold));
}

interface InWork {
  /** 0 to 1, as it was last written. */
  readonly progress: number;
  /** How long ago that was. */
  readonly secondsSince: number;
  readonly workers: readonly SeenWorker[];
}

/** Seconds until the result of a job that somebody works on, whole ones. */
export function estimateRest({ progress, secondsSince, workers }: InWork): WaitEstimate {
  const { low, high } = observe(workers, { low: 0, high: 0 }).jobSeconds;
  const left = 1 - progress;
  return wholeSeconds(low * left - secondsSince, overdue(high * left, secondsSince) + noticeSeconds);
}

/**
 * When each server that may take jobs is free, in seconds from now, if all goes well and if it does not: then nobody
 * joins those who are there, and who is busy has just begun.
 */
function serversOf(situation: Situation, seen: Observed): [best: number[], worst: number[]] {
  const { jobsAhead, workers, maxReplicas, wokenSecondsAgo = 0 } = situation;
  const { ready, starting, busy } = poolOf(workers);
  const start = {
    low: Math.max(0, seen.coldStart.low - wokenSecondsAgo),
    high: overdue(seen.coldStart.high, wokenSecondsAgo),
  };
  const coming = Math.max(0, Math.min(maxReplicas, jobsAhead + 1) - ready - starting - busy);
  const nobody = ready + starting + busy === 0;
  return [
    [...times(ready + busy, 0), ...times(starting + coming, start.low)],
    [
      ...times(ready, 0),
      ...times(busy, seen.jobSeconds.high),
      ...times(starting, start.high),
      ...times(nobody ? 1 : 0, start.high),
    ],
  ];
}

/** What is left of a time that should have been over after `seconds`: the longer it is late, the longer it may take. */
function overdue(seconds: number, passedSeconds: number): number {
  return Math.min(Math.max(seconds - passedSeconds, passedSeconds / 2), Math.max(seconds, longestSeconds));
}

function times(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value);
}

/** When the servers have done the jobs that wait ahead, and one more, each taken by whoever is free first. */
function doneAfter(
  freeAt: readonly number[],
  waitingAhead: number,
  secondsFor: (jobsInARow: number) => number,
): number {
  const free = [...freeAt];
  const seconds = secondsFor((waitingAhead + 1) / free.length);
  let done = 0;
  for (let job = 0; job <= waitingAhead; job += 1) {
    const next = free.indexOf(Math.min(...free));
    done = (free[next] ?? 0) + seconds;
    free[next] = done;
  }
  return done;
}

function wholeSeconds(low: number, high: number): WaitEstimate {
  const least = Math.max(0, Math.floor(low));
  return { low: least, high: Math.max(1, least, Math.ceil(high)) };
}

/**
 * When to ask for the job again, whole seconds, 1 to 60: when it may be done at the soonest, and from then on in steps
 * that grow with what is uncertain, so that nobody asks every second for minutes.
 */
export function comeBackSeconds({ low, high }: WaitEstimate): number {
  return withinComeBack(Math.max(low, Math.min((high - low) / 4, longestLateSeconds)));
}

/** Whole seconds, 1 to 60, in which the workers get so many jobs done, at the pace at which they were seen to. */
export function drainSeconds(
  jobs: number,
  workers: readonly SeenWorker[],
  assumedColdStart: WaitEstimate,
): number {
  const { ready, busy } = poolOf(workers);
  const { jobSeconds, coldStart } = observe(workers, assumedColdStart);
  const start = isCold(workers) ? coldStart.low : 0;
  return withinComeBack(start + (jobs * jobSeconds.mean) / Math.max(1, ready + busy));
}

function withinComeBack(seconds: number): number {
  return Math.min(comeBack.most, Math.max(comeBack.least, Math.ceil(seconds)));
}

/** "2-9 seconds", as people read it; a first request says so. */
export function inWords({ low, high }: WaitEstimate, cold: boolean): string {
  const least = Math.max(1, low);
  const range = least === high ? `${high} seconds` : `${least}-${high} seconds`;
  return cold ? `${range} for first request` : range;
}
