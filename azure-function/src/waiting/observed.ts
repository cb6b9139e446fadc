// What the workers' reports tell of how long things take: jobs, and coming up from nothing.
import type { SeenWorker } from '@impasto/shared';

/** Seconds, `low` to `high`. */
export interface WaitEstimate {
  readonly low: number;
  readonly high: number;
}

/** Seconds of one job: nearly all lie between `low` and `high`, many of them in a row take `mean` each. */
interface JobSeconds extends WaitEstimate {
  readonly mean: number;
}

export interface Observed {
  readonly jobSeconds: JobSeconds;
  readonly coldStart: WaitEstimate;
  /** How many jobs were seen; none where the values are assumed. */
  readonly jobs: number;
  readonly coldStarts: number;
}

/** Before any was observed. */
const assumedJobSeconds = { low: 1, mean: 4, high: 10 };

/** What was seen is a sample: the slowest to come may be slower, and more so the fewer were seen. */
const roomAbove = (count: number) => 1.25 + 1 / count;
const roomBelow = (count: number) => 1 / (1 + 0.5 / count);

export function observe(workers: readonly SeenWorker[], assumedColdStart: WaitEstimate): Observed {
  const jobs = workers.flatMap(({ report }) => report.recentJobSeconds);
  const starts = workers.flatMap(({ report }) => report.coldStartSeconds ?? []);
  const jobRange = rangeOf(jobs);
  return {
    jobSeconds: jobRange ? { ...jobRange, mean: meanOf(jobs) } : assumedJobSeconds,
    coldStart: rangeOf(starts) ?? assumedColdStart,
    jobs: jobs.length,
    coldStarts: starts.length,
  };
}

/**
 * Seconds for each of so many jobs in a row. What is slow for one evens out with others, but for a quarter: all of them
 * may be larger than those that were seen.
 */
export function secondsEach({ low, mean, high }: JobSeconds, jobsInARow: number): WaitEstimate {
  const left = Math.max(0.25, 1 / Math.sqrt(Math.max(1, jobsInARow)));
  return { low: mean - (mean - low) * left, high: mean + (high - mean) * left };
}

/** From the fastest tenth to the slowest tenth, with room at both ends. */
function rangeOf(seconds: readonly number[]): WaitEstimate | undefined {
  if (seconds.length === 0) return undefined;
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { low: at(0.1) * roomBelow(sorted.length), high: at(0.9) * roomAbove(sorted.length) };
}

function meanOf(seconds: readonly number[]): number {
  return seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
}
