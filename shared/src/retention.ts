// How long a job is kept once it has ended. Where its receiver has not been told by then, the record alone stays for a while:
// to everybody else the job is gone.
import { deadlineIn } from './deadline.ts';
import type { Job } from './job.ts';

export interface RetentionSettings {
  readonly retentionHours: number;
  /** Of failed jobs, to be looked at and replayed. */
  readonly failedRetentionHours: number;
}

/** What the caller said counts for every end; otherwise a failed job has a time of its own. */
export function retentionHoursOf(
  job: { readonly status: string; readonly retentionHours?: number | undefined },
  settings: RetentionSettings,
): number {
  if (job.retentionHours !== undefined) return job.retentionHours;
  return job.status === 'failed' ? settings.failedRetentionHours : settings.retentionHours;
}

/** When the time of a job that has ended is over, as an ISO date; undefined for one that has not. */
export function keptUntil(job: Job, settings: RetentionSettings): string | undefined {
  if (!('completedAt' in job)) return undefined;
  const until = deadlineIn(retentionHoursOf(job, settings), Date.parse(job.completedAt));
  const { picturesRemovedAt = until } = job;
  return picturesRemovedAt < until ? picturesRemovedAt : until;
}

/** Whether the time of the job is over: of its pictures and dead letters none are left, or soon will be. */
export function picturesAreGone(job: Job): boolean {
  return 'picturesRemovedAt' in job && job.picturesRemovedAt !== undefined;
}
