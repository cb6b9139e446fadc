// A job as whoever looks after it finds it: there, removed, or never heard of.
import { type CallOptions, type Job, JobError, type JobStore } from '@impasto/shared';

export async function lookUp(
  jobs: Pick<JobStore, 'get'>,
  jobId: string,
  options: CallOptions,
): Promise<Job | 'gone' | undefined> {
  try {
    return (await jobs.get(jobId, options))?.job;
  } catch (error) {
    if (error instanceof JobError && error.code === 'job_gone') return 'gone';
    throw error;
  }
}
