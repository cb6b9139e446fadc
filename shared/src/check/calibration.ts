// How often the wait that was foretold came true. Never two machines' clocks: how long a message waited is the storage's
// word, how long the work took that of one worker.
import type { Job } from '../job.ts';
import type { ForetoldWaits, Waits } from './report.ts';

export interface ForetoldWait {
  readonly start: keyof Waits;
  readonly outcome: keyof ForetoldWaits;
}

/**
 * Of a job that was painted in its first attempt: what went wrong in others, nobody could have foretold. The wait is
 * rounded up to whole seconds, as the range is.
 */
export function compareWait(job: Job): ForetoldWait | undefined {
  const { estimate, attempt, resends, replays } = job;
  if (job.status !== 'completed' || !estimate || attempt !== 1 || resends + replays > 0) return undefined;
  const queueMs = job.result.timings.queue;
  if (queueMs === undefined) return undefined;
  const seconds = Math.ceil(queueMs / 1000 + job.result.processingSeconds);
  const start = estimate.cold ? 'cold' : 'warm';
  if (seconds < estimate.low) return { start, outcome: 'earlier' };
  return { start, outcome: seconds > estimate.high ? 'later' : 'inside' };
}
