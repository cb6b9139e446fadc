// How long a new job will probably take, from what is known right now, as a range and in words.
import type { SeenWorker } from '@impasto/shared';

export interface WaitEstimate {
  readonly low: number;
  readonly high: number;
}

interface Situation {
  /** Messages ahead of the new job, those being worked on included. */
  readonly jobsAhead: number;
  readonly workers: readonly SeenWorker[];
  readonly maxReplicas: number;
  /** Seconds that a worker takes to come up, as assumed until one was seen to. */
  readonly assumedColdStart: WaitEstimate;
}

/** A worker reports every few seconds; one that has been silent for longer than this is not counted on. */
const aliveSeconds = 45;

/** Before any was observed. */
const assumedJobSeconds = { low: 1, high: 10 };

/** A caller who is told to come back later is told this much at least and at most. */
const comeBackSeconds = { least: 1, most: 60 };

/** Seconds until the result of a job sent now. */
export function estimateWait(situation: Situation): WaitEstimate {
  const { jobsAhead, workers, maxReplicas, assumedColdStart } = situation;
  const serving = workers.filter(isServing).length;
  const job = rangeOf(workers.flatMap((one) => one.report.recentJobSeconds)) ?? assumedJobSeconds;
  const start = serving > 0 ? { low: 0, high: 0 } : (coldStart(workers) ?? assumedColdStart);
  // With workers up, more may join; the low end counts on all of them, the high end only on those that are there.
  const best = Math.ceil((jobsAhead + 1) / Math.max(1, maxReplicas));
  const worst = Math.ceil((jobsAhead + 1) / Math.max(1, serving));
  return { low: roundUp(start.low + best * job.low), high: roundUp(start.high + worst * job.high) };
}

/** Whole seconds, 1 to 60, in which the workers get so many jobs done, at the pace at which they were seen to. */
export function drainSeconds(
  jobs: number,
  workers: readonly SeenWorker[],
  assumedColdStart: WaitEstimate,
): number {
  const serving = workers.filter(isServing).length;
  const job = median(workers.flatMap((one) => one.report.recentJobSeconds)) ?? assumedJobSeconds.high;
  const start = serving > 0 ? 0 : (coldStart(workers) ?? assumedColdStart).low;
  const seconds = Math.ceil(start + (jobs * job) / Math.max(1, serving));
  return Math.min(comeBackSeconds.most, Math.max(comeBackSeconds.least, seconds));
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** "2-9 seconds", as people read it; a first request says so. */
export function inWords({ low, high }: WaitEstimate, cold: boolean): string {
  const range = low === high ? `${low} seconds` : `${low}-${high} seconds`;
  return cold ? `${range} for first request` : range;
}

/** Whether nobody is there to take the job. */
export function isCold(workers: readonly SeenWorker[]): boolean {
  return !workers.some(isServing);
}

export function isServing({ ageSeconds, report }: SeenWorker): boolean {
  return ageSeconds < aliveSeconds && (report.state === 'ready' || report.state === 'busy');
}

function coldStart(workers: readonly SeenWorker[]): WaitEstimate | undefined {
  return rangeOf(workers.flatMap((one) => one.report.coldStartSeconds ?? []));
}

/** From the fastest quarter to half as much again as the slowest tenth: what was seen, with room above. */
function rangeOf(seconds: readonly number[]): WaitEstimate | undefined {
  if (seconds.length === 0) return undefined;
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { low: at(0.25), high: at(0.9) * 1.5 };
}

function roundUp(seconds: number): number {
  return Math.max(1, Math.ceil(seconds));
}
