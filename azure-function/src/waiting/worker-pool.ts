// The workers as their reports show them: who is alive, who serves, and whether they fail to come up.
import type { SeenWorker, WorkerReport } from '@impasto/shared';

/** A worker reports every few seconds; one that has been silent for longer than this is not counted on. */
const aliveSeconds = 45;
/** The last word of a worker that failed counts for so long: the pauses between its restarts grow to minutes. */
const failureSeconds = 600;

export interface WorkerPool {
  readonly ready: number;
  readonly starting: number;
  readonly busy: number;
  readonly unhealthy: number;
}

/** How many there are of each kind. One that failed is counted as long as nobody has served since. */
export function poolOf(workers: readonly SeenWorker[]): WorkerPool {
  const alive = (state: WorkerReport['state']) =>
    workers.filter((one) => isAlive(one) && one.report.state === state).length;
  return {
    ready: alive('ready'),
    starting: alive('starting'),
    busy: alive('busy'),
    unhealthy: Math.max(alive('unhealthy'), failedSinceServed(workers).length),
  };
}

/** Whether workers failed lately, and none has been well since: what starts now will probably fail, too. */
export function isFailing(workers: readonly SeenWorker[]): boolean {
  return isCold(workers) && failedSinceServed(workers).length > 0;
}

/** Whether nobody is there to take the job. */
export function isCold(workers: readonly SeenWorker[]): boolean {
  return !workers.some(isServing);
}

export function isServing(worker: SeenWorker): boolean {
  return isAlive(worker) && isWell(worker) && worker.report.state !== 'stopped';
}

function isAlive({ ageSeconds }: SeenWorker): boolean {
  return ageSeconds < aliveSeconds;
}

/** It serves, or has served until it was no longer needed. */
function isWell({ report: { state } }: SeenWorker): boolean {
  return state === 'ready' || state === 'busy' || state === 'stopped';
}

function failedSinceServed(workers: readonly SeenWorker[]): SeenWorker[] {
  const wellSeconds = Math.min(failureSeconds, ...workers.filter(isWell).map((one) => one.ageSeconds));
  return workers.filter(({ report, ageSeconds }) => report.state === 'unhealthy' && ageSeconds < wellSeconds);
}
