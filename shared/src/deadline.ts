// The deadline of a job that waits. It is hours away and was set by another machine's clock: minutes between two clocks do
// not matter here, as they would for a lease.
import type { Job } from './job.ts';

/** @param fromMs the time that the hours are counted from, as `Date.now()` gives it. */
export function deadlineIn(hours: number, fromMs: number = Date.now()): string {
  return new Date(fromMs + hours * 3_600_000).toISOString();
}

/** Whether the job should have been begun by now. */
export function isOverdue({ expiresAt }: Pick<Job, 'expiresAt'>, now: Date): boolean {
  return expiresAt !== undefined && now > new Date(expiresAt);
}
