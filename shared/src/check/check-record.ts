// What can be said of one record by itself: its counts add up (I9), it names no result that it has no right to (I4,
// I5), and in a run without faults nothing was repaired (I13).
import type { Job } from '../job.ts';
import { maxAttempts, maxCrashes } from '../transition.ts';
import type { Violation } from './report.ts';

export function checkCounts(job: Job): Violation[] {
  const { attempt, errors, crashes, handBacks } = job;
  const ended = errors + crashes + handBacks;
  const [least, most] = unendedAttempts(job);
  const details: string[] = [];
  if (attempt < ended + least || attempt > ended + most) {
    details.push(
      `${attempt} attempts of a ${job.status} job do not add up: ${errors} errors, ${crashes} crashes, ${handBacks} hand-backs`,
    );
  }
  if (attempt - handBacks > maxAttempts)
    details.push(`${attempt - handBacks} attempts were spent, expected at most ${maxAttempts}`);
  if (crashes > maxCrashes) details.push(`${crashes} crashes, expected at most ${maxCrashes}`);
  return details.map((detail) => ({ invariant: 'I9', subject: job.jobId, detail }));
}

/** The fewest and the most attempts that left neither error nor crash nor hand-back behind. */
function unendedAttempts(job: Job): readonly [number, number] {
  const { status } = job;
  if (status === 'completed' && job.reusedFrom !== undefined) return [0, 0];
  if (status === 'completed' || status === 'processing') return [1, 1];
  // It may have been canceled while it was worked on.
  return status === 'canceled' ? [0, 1] : [0, 0];
}

export function checkNoResult(job: Job): Violation[] {
  if (job.status === 'completed' || !('result' in job)) return [];
  const invariant = job.status === 'failed' ? 'I4' : 'I5';
  return [{ invariant, subject: job.jobId, detail: `a ${job.status} job has a result in its record` }];
}

export function checkQuiet(job: Job): Violation[] {
  const { attempt, resends, replays } = job;
  const isPainted = job.status === 'completed' && job.reusedFrom === undefined;
  const expected = isPainted || job.status === 'failed' ? 1 : Math.min(attempt, 1);
  if (attempt === expected && resends === 0 && replays === 0) return [];
  const detail = `a run without faults took ${attempt} attempts, ${resends} resends, ${replays} replays`;
  return [{ invariant: 'I13', subject: job.jobId, detail }];
}
