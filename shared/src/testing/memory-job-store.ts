// Job records in memory.
import { randomUUID } from 'node:crypto';
import { JobError } from '../errors.ts';
import type { Job } from '../job.ts';
import type { JobStore, JobSummary } from '../ports.ts';
import { picturesAreGone } from '../retention.ts';
import type { Clock } from './clock.ts';

export function makeMemoryJobStore(clock: Clock = Date.now): JobStore {
  const records = new Map<string, { job: Job; version: string; writtenAt: number }>();
  const gone = new Map<string, number>();
  const store = (job: Job) => {
    records.set(job.jobId, { job: structuredClone(job), version: randomUUID(), writtenAt: clock() });
  };
  const assertNotGone = (jobId: string) => {
    const since = gone.get(jobId);
    if (since === undefined) return;
    const goneAt = new Date(since).toISOString();
    throw new JobError('job_gone', `job ${jobId} was removed at ${goneAt}`, { goneAt });
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
      if (records.has(job.jobId) || gone.has(job.jobId))
        throw new Error(`Expected no record of job ${job.jobId}, found one`);
      store(job);
    },
    async get(jobId, options = {}) {
      options.signal?.throwIfAborted();
      assertNotGone(jobId);
      return read(jobId);
    },
    async update(jobId, change, options = {}) {
      options.signal?.throwIfAborted();
      assertNotGone(jobId);
      const found = read(jobId);
      if (!found) throw new JobError('job_not_found', `there is no job ${jobId}`);
      const next = change(found.job, found.ageSeconds);
      if (next !== found.job) store(next);
      return next;
    },
    async *list(options = {}) {
      options.signal?.throwIfAborted();
      for (const jobId of [...records.keys(), ...gone.keys()].sort()) {
        const found = read(jobId);
        const since = gone.get(jobId);
        if (found) yield summaryOf(found.job, found.ageSeconds);
        else if (since !== undefined)
          yield { jobId, status: 'gone', attempt: 0, replays: 0, ageSeconds: (clock() - since) / 1000 };
      }
    },
    async delete(jobId, mayGo, options = {}) {
      options.signal?.throwIfAborted();
      const record = records.get(jobId);
      const found = read(jobId);
      if (!found) return true;
      const goes = mayGo(found.job, found.ageSeconds) && records.get(jobId) === record;
      if (!goes) return false;
      gone.set(jobId, clock());
      return records.delete(jobId);
    },
    async purge(jobId, options = {}) {
      options.signal?.throwIfAborted();
      gone.delete(jobId);
    },
  };
}

function summaryOf(job: Job, ageSeconds: number): JobSummary {
  const { jobId, status, attempt, replays, expiresAt, retentionHours, webhook } = job;
  return {
    ...{ jobId, status, attempt, replays, ageSeconds },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(retentionHours !== undefined && { retentionHours }),
    ...(picturesAreGone(job) && { picturesAreGone: true }),
    ...(webhook && { webhookEvents: webhook.events }),
    ...(job.status === 'completed' && { resultKey: job.result.key }),
    ...(job.status === 'failed' && { reason: job.error.code }),
  };
}
