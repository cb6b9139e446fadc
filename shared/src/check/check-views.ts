// I10: what callers saw of a job, one look after the other, is a path through the state machine.
import { isDone, type Job } from '../job.ts';
import type { JobView, Violation } from './report.ts';

const terminal: ReadonlySet<string> = new Set(['completed', 'failed', 'canceled', 'expired']);

/** @param seen in the order of time; the record is the last look. At most one violation: the first. */
export function checkViews(job: Job, seen: readonly JobView[]): Violation[] {
  let replaysLeft = job.replays;
  let before: JobView | undefined;
  for (const view of [...seen, viewOf(job)]) {
    if (view.done !== terminal.has(view.status))
      return [violation(job, `status ${view.status} was shown with done ${view.done}`)];
    if (before && !follows(before, view)) {
      if (!mayBeReplayed(before) || replaysLeft === 0)
        return [violation(job, `${words(view)} was seen after ${words(before)}`)];
      replaysLeft -= 1;
    }
    before = view;
  }
  return [];
}

function viewOf(job: Job): JobView {
  const { status, attempt, progress, phase } = job;
  return { status, done: isDone(job), attempt, progress, phase };
}

/** A replay is an operator's way back: from failed to queued, counting anew. Callers need not have seen the failure. */
function mayBeReplayed({ status, done }: JobView): boolean {
  return status === 'failed' || !done;
}

function follows(before: JobView, after: JobView): boolean {
  if (before.done) return after.status === before.status && after.attempt === before.attempt;
  if (after.attempt < before.attempt) return false;
  // A queued job is claimed before anybody works on it, and a claim is a new attempt.
  const worked = after.status === 'processing' || after.status === 'completed';
  if (before.status === 'queued') return !worked || after.attempt > before.attempt;
  const sameAttempt = after.status === 'processing' && after.attempt === before.attempt;
  return !sameAttempt || after.progress >= before.progress;
}

function words({ status, attempt, progress }: JobView): string {
  return `${status} (attempt ${attempt}, progress ${progress})`;
}

function violation({ jobId }: Job, detail: string): Violation {
  return { invariant: 'I10', subject: jobId, detail };
}
