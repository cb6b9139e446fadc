// Why a job that is not done has to wait, and until when that may last.
import { setTimeout as delay } from 'node:timers/promises';
import type { Job, SeenWorker, StatusView, WaitView } from '@impasto/shared';
import type { OutlookOf } from '../jobs/job-view.ts';
import { estimateRest, estimateWait, type WaitEstimate } from './estimate-wait.ts';
import { type Look, type LookAround, oldestSeconds } from './look-around.ts';
import { observe } from './observed.ts';
import { queuePosition } from './queue-position.ts';
import { isCold, isFailing, poolOf } from './worker-pool.ts';

interface Dependencies {
  readonly lookAround: LookAround;
  readonly maxReplicas: number;
  readonly assumedColdStart: WaitEstimate;
}

/** What is known of the surroundings of all jobs. */
interface Surroundings {
  /** Undefined where nobody could be asked in time. */
  readonly look: Look | undefined;
  readonly lookedAgo: number;
  readonly workers: readonly SeenWorker[];
  readonly wokenSecondsAgo: number;
}

/** The look at the queue is no more than an extra: a job's state does not wait for it any longer than this. */
const patienceMs = 1_000;
/** A message that waits so much longer than a cold start takes, with nobody there, is not waiting for one. */
const timesColdStart = 3;

export function makeOutlook(
  deps: Dependencies,
  now: () => number = () => performance.now(),
  today: () => number = Date.now,
): OutlookOf {
  return async (job, ageSeconds) => {
    const around = surroundings(await lookSoon(deps.lookAround), now());
    const waitedSeconds = ageSeconds ?? Math.max(0, (today() - Date.parse(job.createdAt)) / 1_000);
    const position = job.status === 'queued' ? positionOf(deps, job, waitedSeconds, around) : undefined;
    return {
      queuePosition: position ?? null,
      wait: waitOf(deps, job, position, ageSeconds ?? 0, around),
    };
  };
}

async function lookSoon(lookAround: LookAround): Promise<Look | undefined> {
  const seen = new AbortController();
  try {
    const tooLate = delay(patienceMs, undefined, { signal: seen.signal }).catch(() => undefined);
    return await Promise.race([lookAround.look(), tooLate]);
  } finally {
    seen.abort();
  }
}

function surroundings(look: Look | undefined, nowMs: number): Surroundings {
  const lookedAgo = look === undefined ? 0 : Math.max(0, (nowMs - look.atMs) / 1_000);
  return { look, lookedAgo, workers: look?.workers ?? [], wokenSecondsAgo: oldestSeconds(look) + lookedAgo };
}

function positionOf(
  { lookAround }: Dependencies,
  { jobId }: Job,
  waitedSeconds: number,
  { look, lookedAgo, workers }: Surroundings,
): number | undefined {
  if (look === undefined) return undefined;
  const sentAgo = lookAround.sentAgo();
  return queuePosition({ jobId, waitedSeconds, look, lookedAgo, inWork: poolOf(workers).busy, sentAgo });
}

function waitOf(
  deps: Dependencies,
  job: Job,
  position: number | undefined,
  secondsSince: number,
  around: Surroundings,
): WaitView {
  const { workers, wokenSecondsAgo } = around;
  const pool = poolOf(workers);
  const seen = observe(workers, deps.assumedColdStart);
  const waits = job.status === 'queued';
  const isStartNeeded = waits && isCold(workers);
  return {
    reason: waits ? whyQueued(deps, job, position, around) : whyInWork(job),
    workers: pool,
    estimated_seconds: waits
      ? estimateWait({ ...deps, workers, jobsAhead: (position ?? 0) + pool.busy, wokenSecondsAgo })
      : estimateRest({ progress: job.progress, secondsSince, workers }),
    basis: {
      job_seconds: seen.jobs > 0 ? 'observed' : 'assumed',
      cold_start: !isStartNeeded ? 'not_needed' : seen.coldStarts > 0 ? 'observed' : 'assumed',
      observed_jobs: seen.jobs,
    },
  };
}

function whyInWork({ cancelRequestedAt }: Job): string {
  return cancelRequestedAt === undefined ? 'in_work' : 'canceling';
}

function whyQueued(
  { assumedColdStart }: Dependencies,
  { attempt }: Job,
  position: number | undefined,
  { look, workers, wokenSecondsAgo }: Surroundings,
): string {
  if (look?.workers === undefined) return 'not_known';
  const { ready, starting } = poolOf(workers);
  if (isCold(workers)) {
    const longest = timesColdStart * observe(workers, assumedColdStart).coldStart.high;
    const isOverdue = starting === 0 && wokenSecondsAgo > Math.max(longest, assumedColdStart.high);
    if (isFailing(workers) || isOverdue) return 'workers_unhealthy';
    return starting > 0 ? 'worker_starting' : 'no_worker';
  }
  if (attempt > 0) return 'retrying';
  return position !== undefined && position < ready ? 'next' : 'queued_behind_others';
}

/** What of an outlook is news to somebody who has the same record already: not each second of an estimate. */
export function outlookMark({ wait, queue_position }: Pick<StatusView, 'wait' | 'queue_position'>): string {
  return wait === null ? '' : `${wait.reason}.${queue_position ?? ''}`;
}
