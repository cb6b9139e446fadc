// Reading a job for its caller: one that is not there, or whose time is over although nobody has removed it yet.
import {
  isOverdue,
  JobError,
  type JobStore,
  keptUntil,
  type RetentionSettings,
  type StoredJob,
} from '@impasto/shared';
import { noSuchJob } from './job-links.ts';

export interface ReadableJob extends StoredJob {
  /** When its time is over, as an ISO date; a job that has not ended has no such date. */
  readonly goneAt?: string;
}

/** @throws JobError `job_not_found`, or `job_gone` with the date. */
export type ReadJob = (jobId: string) => Promise<ReadableJob>;

export function makeReadJob(jobs: Pick<JobStore, 'get'>, retention: RetentionSettings): ReadJob {
  return async (jobId) => {
    const stored = await jobs.get(jobId);
    if (!stored || stored.job.withdrawn) throw noSuchJob(jobId);
    const goneAt = keptUntil(stored.job, retention);
    if (goneAt !== undefined && isOverdue({ expiresAt: goneAt }, new Date()))
      throw new JobError('job_gone', `the time of job ${jobId} was over at ${goneAt}`, { goneAt });
    return { ...stored, ...(goneAt !== undefined && { goneAt }) };
  };
}
