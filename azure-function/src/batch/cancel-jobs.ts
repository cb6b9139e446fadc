// Asking for the end of every job of a batch.
import { type BatchRecord, JobError, type Logger } from '@impasto/shared';
import { cancelJob } from '../jobs/cancel-job.ts';
import { inParallel } from './in-parallel.ts';

/** A job that is not there has nothing to end: its submission sees to it, should it come yet. */
export async function cancelJobs(
  deps: Parameters<typeof cancelJob>[0],
  jobs: readonly Pick<BatchRecord['items'][number], 'jobId'>[],
  log: Logger,
): Promise<void> {
  await inParallel(jobs, ({ jobId }) => cancelIfThere(deps, jobId, log), { tenacious: true });
}

async function cancelIfThere(...asked: Parameters<typeof cancelJob>): Promise<void> {
  try {
    await cancelJob(...asked);
  } catch (error) {
    const isMissing =
      error instanceof JobError && (error.code === 'job_not_found' || error.code === 'job_gone');
    if (!isMissing) throw error;
  }
}
