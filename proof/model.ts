// What the service ought to do, as small as can be said: the counts and the status of each job, and nothing of queues,
// receipts, blobs or leases. Seconds by the clock of whoever plays.
import { type Job, maxAttempts, maxCrashes } from '@impasto/shared';

export interface ModelJob {
  readonly status: Job['status'];
  readonly attempt: number;
  readonly errors: number;
  readonly crashes: number;
  readonly handBacks: number;
  readonly replays: number;
  /** When a worker last claimed it. */
  readonly claimedAt: number;
  readonly expiresAt: number;
}

/** How an attempt ends; `handed_back`: its worker has to stop, `silent`: it says no more. */
export type Ending = 'success' | 'retryable' | 'final' | 'handed_back' | 'silent';

export function submitted(expiresAt: number): ModelJob {
  const counts = { attempt: 0, errors: 0, crashes: 0, handBacks: 0, replays: 0 };
  return { status: 'queued', ...counts, claimedAt: 0, expiresAt };
}

/** A worker has the job's message. @param isSilent whether the last claim counts as given up. */
export function worked(job: ModelJob, ending: Ending, now: number, isSilent: boolean): ModelJob {
  if (job.status === 'queued' && now > job.expiresAt) return { ...job, status: 'expired' };
  if (job.status !== 'queued' && !(job.status === 'processing' && isSilent)) return job;
  const free = job.status === 'queued' ? job : lapsed(job);
  if (free.status === 'failed') return free;
  const begun: ModelJob = { ...free, status: 'processing', attempt: free.attempt + 1, claimedAt: now };
  return ended(begun, ending);
}

export function lapsed(job: ModelJob): ModelJob {
  const crashes = job.crashes + 1;
  return { ...job, crashes, status: crashes >= maxCrashes ? 'failed' : again(job) };
}

export function replayed(job: ModelJob, expiresAt: number): ModelJob {
  if (job.status !== 'failed') return job;
  return { ...submitted(expiresAt), replays: job.replays + 1 };
}

/** The last word of a worker that stood still: it counts if nobody else has spoken since. */
export function awoken(job: ModelJob, attempt: number, replays: number): ModelJob {
  const holds = job.status === 'processing' && job.attempt === attempt && job.replays === replays;
  return holds ? { ...job, status: 'completed' } : job;
}

function ended(job: ModelJob, ending: Ending): ModelJob {
  if (ending === 'silent') return job;
  if (ending === 'success') return { ...job, status: 'completed' };
  if (ending === 'handed_back') return { ...job, handBacks: job.handBacks + 1, status: 'queued' };
  const status = ending === 'final' ? 'failed' : again(job);
  return { ...job, errors: job.errors + 1, status };
}

function again({ attempt, handBacks }: ModelJob): 'failed' | 'queued' {
  return attempt - handBacks >= maxAttempts ? 'failed' : 'queued';
}
