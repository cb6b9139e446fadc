// POST /api/cancel/{job_id}: the caller wants no picture any more. What the job is by then is the answer.
import {
  announce,
  isDone,
  type Job,
  type JobQueue,
  type JobStore,
  type Logger,
  transition,
} from '@impasto/shared';
import type { Handler } from '../http/respond.ts';
import { jobIdOf, noSuchJob } from './job-links.ts';
import type { ViewJob } from './job-view.ts';
import type { ReadJob } from './read-job.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'update'>;
  readonly notices: JobQueue;
}

export function makeCancelJob(
  deps: Dependencies & { readonly readJob: ReadJob; readonly viewJob: ViewJob },
): Handler {
  return async (request, { log }) => {
    const jobId = jobIdOf(request);
    const { job } = await deps.readJob(jobId);
    return { jsonBody: await deps.viewJob(request, isDone(job) ? job : await cancelJob(deps, jobId, log)) };
  };
}

/**
 * Ends a job that waits, and asks the worker of one that is being painted to stop. A finished job stays as it is: of two
 * who want to end a job the first to write has done so.
 * @returns the job as it stands now.
 * @throws JobError `job_not_found` or `job_gone`.
 */
export async function cancelJob({ jobs, notices }: Dependencies, jobId: string, log: Logger): Promise<Job> {
  const at = new Date().toISOString();
  let endedHere = false;
  const job = await jobs.update(jobId, (current) => {
    if (current.withdrawn) throw noSuchJob(jobId);
    const next = transition(current, { type: 'cancel_requested', at });
    endedHere = !isDone(current) && isDone(next);
    return next;
  });
  // The job is canceled whether or not its receiver hears of it at once: a sweep finds what was not sent.
  if (endedHere)
    await announce(notices, job).catch((error: unknown) => log.warn('job.announce_failed', { jobId, error }));
  return job;
}
