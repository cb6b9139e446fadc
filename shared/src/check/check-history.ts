// What the service owes to the clients of a history: every accepted job is there (I1), nobody's job is (I8), and there is one job for each key (I12).
import { isDone, type Job } from '../job.ts';
import type { ClientHistory } from './client-history.ts';
import type { Violation } from './report.ts';

/** Told of every record that there is, in any order. */
export interface HistoryCheck {
  note(job: Job): void;
  /** A record that is there but cannot be read. */
  noteUnreadable(jobId: string): void;
  /** Of a record only the note is left that there was one. */
  noteGone(jobId: string): void;
  /** Accepted jobs of which no record was noted. */
  missing(): string[];
  /** Once all records are noted. */
  untold(): { readonly recovered: number; readonly violations: readonly Violation[] };
}

const shownIds = 10;

export function makeHistoryCheck(history: ClientHistory): HistoryCheck {
  const { accepted, refused, unanswered, deleted } = history;
  const missing = new Set(accepted);
  const vanished: Violation[] = [];
  const changed: Violation[] = [];
  const untold: string[] = [];
  const worked: Job[] = [];
  return {
    note(job) {
      missing.delete(job.jobId);
      const told = history.toldEnds.get(job.jobId);
      if (told !== undefined && told !== job.status && job.replays === 0)
        changed.push(endedOtherwise(job, told));
      if (accepted.has(job.jobId) || isExcused(job, history)) return;
      if (refused.has(job.jobId)) worked.push(job);
      else untold.push(job.jobId);
    },
    noteUnreadable: (jobId) => missing.delete(jobId),
    noteGone(jobId) {
      missing.delete(jobId);
      if (!accepted.has(jobId) || deleted.has(jobId)) return;
      const detail = 'the job was accepted and has been removed, and nobody asked for that';
      vanished.push({ invariant: 'I1', subject: jobId, detail });
    },
    missing: () => [...missing],
    untold: () => ({
      recovered: Math.min(untold.length, unanswered),
      violations: [
        ...vanished,
        ...changed,
        ...worked.map(refusedButThere),
        ...tooMany(untold, unanswered),
        ...severalForOneKey(history),
      ],
    }),
  };
}

/**
 * The door takes back what it could not put into the queue, even if a worker has begun it by then, and says so. Whoever
 * cancels a job knows of it, however that came about.
 */
function isExcused({ jobId, status, withdrawn }: Job, { canceled }: ClientHistory): boolean {
  return withdrawn === true || (status === 'canceled' && canceled.has(jobId));
}

function endedOtherwise({ jobId, status }: Job, told: string): Violation {
  const detail = `who wanted to cancel it was told that it is ${told}, and the record says ${status}`;
  return { invariant: 'I10', subject: jobId, detail };
}

/** I12: whoever sends a request again under its key is told of the job that it made the first time. */
function severalForOneKey({ byKey }: ClientHistory): Violation[] {
  return [...byKey].flatMap(([key, ids]) => {
    const [subject] = ids;
    if (subject === undefined || ids.size === 1) return [];
    const detail = `the submissions with key ${key} were told of ${ids.size} jobs: ${[...ids].join(', ')}`;
    return [{ invariant: 'I12', subject, detail }];
  });
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
