// DELETE /api/jobs/{job_id}: the job and everything of it, whatever it is doing. A worker that paints it finds that out
// when it next writes, and no receiver is told.
import { JobError, type JobStore } from '@impasto/shared';
import type { Handler } from '../http/respond.ts';
import { jobIdOf } from './job-links.ts';
import type { ReadJob } from './read-job.ts';
import { type JobName, removeTraces } from './remove-job.ts';

type Removing = Parameters<typeof removeTraces>[0] & { readonly jobs: Pick<JobStore, 'delete'> };
type Dependencies = Removing & { readonly readJob: ReadJob };

/** A worker writes about its progress in between, but not so often. */
const mostTries = 10;

export function makeDeleteJob(deps: Dependencies): Handler {
  return async (request) => {
    const jobId = jobIdOf(request);
    try {
      const { job } = await deps.readJob(jobId);
      await deleteJob(deps, job);
    } catch (error) {
      // Somebody may have been cut off while removing it, or its time is over and no sweep has come yet.
      if (error instanceof JobError && error.code === 'job_gone') await deleteJob(deps, { jobId });
      throw error;
    }
    return { status: 204 };
  };
}

/**
 * The record goes first: what is cut off after it is finished by a sweep, or by whoever does this again, what is cut off
 * before it has not begun. A job without a record is no error.
 */
export async function deleteJob(deps: Removing, job: JobName): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (await deps.jobs.delete(job.jobId, () => true)) return await removeTraces(deps, job);
  }
  throw new JobError(
    'storage_unavailable',
    `job ${job.jobId} was changed by others ${mostTries} times in a row`,
  );
}
