// What the service owes to the clients of a history: every accepted job is there (I1), and nobody's job is (I8).
import { isDone, type Job } from '../job.ts';
import type { ClientHistory } from './client-history.ts';
import type { Violation } from './report.ts';

/** Told of every record that there is, in any order. */
export interface HistoryCheck {
  note(job: Job): void;
  /** A record that is there but cannot be read. */
  noteUnreadable(jobId: string): void;
  /** Accepted jobs of which no record was noted. */
  missing(): string[];
  /** Once all records are noted. */
  untold(): { readonly recovered: number; readonly violations: readonly Violation[] };
}

const shownIds = 10;

export function makeHistoryCheck({ accepted, refused, unanswered }: ClientHistory): HistoryCheck {
  const missing = new Set(accepted);
  const untold: string[] = [];
  const worked: Job[] = [];
  return {
    note(job) {
      missing.delete(job.jobId);
      if (accepted.has(job.jobId) || isWithdrawn(job)) return;
      if (refused.has(job.jobId)) worked.push(job);
      else untold.push(job.jobId);
    },
    noteUnreadable: (jobId) => missing.delete(jobId),
    missing: () => [...missing],
    untold: () => ({
      recovered: Math.min(untold.length, unanswered),
      violations: [...worked.map(refusedButThere), ...tooMany(untold, unanswered)],
    }),
  };
}

/** The door takes back what it could not put into the queue, even if a worker has begun it by then, and says so. */
function isWithdrawn({ status }: Job): boolean {
  return status === 'canceled';
}

function refusedButThere(job: Job): Violation {
  const state = isDone(job) ? 'ended' : 'stands';
  const detail = `its submission was refused, and its record ${state} as ${job.status} after ${job.attempt} attempts`;
  return { invariant: 'I8', subject: job.jobId, detail };
}

function tooMany(untold: readonly string[], unanswered: number): Violation[] {
  const [subject] = untold;
  if (subject === undefined || untold.length <= unanswered) return [];
  const ids = untold.slice(0, shownIds).join(', ');
  const more = untold.length > shownIds ? ' and others' : '';
  const detail = `${untold.length} jobs exist that no client was told of, and ${unanswered} submissions went unanswered: ${ids}${more}`;
  return [{ invariant: 'I8', subject, detail }];
}
