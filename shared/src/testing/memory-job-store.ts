// Job records in memory.
import { randomUUID } from 'node:crypto';
import { JobError } from '../errors.ts';
import type { Job } from '../job.ts';
import type { JobStore, JobSummary } from '../ports.ts';
import type { Clock } from './clock.ts';

export function makeMemoryJobStore(clock: Clock = Date.now): JobStore {
  const records = new Map<string, { job: Job; version: string; writtenAt: number }>();
  const store = (job: Job) => {
    records.set(job.jobId, { job: structuredClone(job), version: randomUUID(), writtenAt: clock() });
  };
  const read = (jobId: string) => {
    const record = records.get(jobId);
    if (!record) return undefined;
    const { job, version, writtenAt } = record;
    return { job: structuredClone(job), version, ageSeconds: (clock() - writtenAt) / 1000 };
  };
  return {
    async create(job, options = {}) {
      options.signal?.throwIfAborted();
      if (records.has(job.jobId)) throw new Error(`Expected no record of job ${job.jobId}, found one`);
      store(job);
    },
    async get(jobId, options = {}) {
      options.signal?.throwIfAborted();
      return read(jobId);
    },
    async update(jobId, change, options = {}) {
      options.signal?.throwIfAborted();
      const found = read(jobId);
      if (!found) throw new JobError('job_not_found', `there is no job ${jobId}`);
      const next = change(found.job, found.ageSeconds);
      if (next !== found.job) store(next);
      return next;
    },
    async *list(options = {}) {
      options.signal?.throwIfAborted();
      for (const jobId of [...records.keys()].sort()) {
        const found = read(jobId);
        if (found) yield summaryOf(found.job, found.ageSeconds);
      }
    },
    async delete(jobId, mayGo, options = {}) {
      options.signal?.throwIfAborted();
      const record = records.get(jobId);
      const found = read(jobId);
      if (!found) return true;
      const goes = mayGo(found.job, found.ageSeconds) && records.get(jobId) === record;
      return goes && records.delete(jobId);
    },
  };
}

function summaryOf(job: Job, ageSeconds: number): JobSummary {
  const { jobId, status, attempt, replays, expiresAt } = job;
  return {
    ...{ jobId, status, attempt, replays, ageSeconds },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(job.status === 'completed' && { resultKey: job.result.key }),
  };
}
