// Job records as JSON blobs, changed by compare-and-set on the ETag.
//
// Every write carries a random write id. An answer that gets lost on its way makes the SDK send the write again, and
// the second try then reports a conflict with the first: reading the record back tells our own write from another's.
import { randomUUID } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import { JobError } from '../errors.ts';
import { formatVersion, isNewerFormat, type Job, jobSchema } from '../job.ts';
import type { CallOptions, JobStore, JobSummary } from '../ports.ts';
import { blobPages } from './blob-pages.ts';
import { limited } from './call-limits.ts';
import { downloadText } from './download-text.ts';
import { readSummary, summaryMetadata } from './job-summary.ts';
import { isConflict, isNotFound, isUncertain, toStorageError } from './storage-errors.ts';

const recordSchema = z.object({ v: z.literal(formatVersion), writeId: z.string(), job: jobSchema });

interface ReadRecord {
  readonly job: Job;
  readonly writeId: string;
  readonly etag: string;
  readonly ageSeconds: number;
}

type Condition = { ifNoneMatch: '*' } | { ifMatch: string };

const maxConflicts = 10;

export function makeBlobJobStore(container: ContainerClient): JobStore {
  const blobOf = (jobId: string) => container.getBlockBlobClient(`${jobId}.json`);

  async function read(jobId: string, options: CallOptions): Promise<ReadRecord | undefined> {
    try {
      const { text, etag, ageSeconds } = await downloadText(blobOf(jobId), options);
      return { ...parseRecord(jobId, text), etag, ageSeconds };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw toStorageError(error, `reading the record of job ${jobId}`, options);
    }
  }

  /** @returns whether the record is now as given; false when somebody else's write stands there. */
  async function write(job: Job, conditions: Condition, options: CallOptions): Promise<boolean> {
    const writeId = randomUUID();
    const body = JSON.stringify({ v: formatVersion, writeId, job });
    const blobHTTPHeaders = { blobContentType: 'application/json' };
    try {
      const call = { conditions, blobHTTPHeaders, metadata: summaryMetadata(job), ...limited(options) };
      await blobOf(job.jobId).upload(body, Buffer.byteLength(body), call);
      return true;
    } catch (error) {
      if (!isConflict(error) && !isUncertain(error))
        throw toStorageError(error, `writing job ${job.jobId}`, options);
      options.signal?.throwIfAborted();
      if ((await read(job.jobId, options))?.writeId === writeId) return true;
      if (isConflict(error)) return false;
      throw toStorageError(error, `writing job ${job.jobId}`, options);
    }
  }

  async function* list(options: CallOptions): AsyncGenerator<JobSummary> {
    try {
      for await (const page of blobPages(container, { includeMetadata: true }, options)) {
        for (const item of page.segment.blobItems) {
          const summary = readSummary(item, page.date);
          if (summary) yield summary;
        }
      }
    } catch (error) {
      throw toStorageError(error, 'listing the jobs', options);
    }
  }

  return {
    list: (options = {}) => list(options),

    async delete(jobId, mayGo, options = {}) {
      const record = await read(jobId, options);
      if (!record) return true;
      if (!mayGo(record.job, record.ageSeconds)) return false;
      try {
        await blobOf(jobId).deleteIfExists({ conditions: { ifMatch: record.etag }, ...limited(options) });
        return true;
      } catch (error) {
        if (isConflict(error)) return false;
        throw toStorageError(error, `deleting the record of job ${jobId}`, options);
      }
    },

    async create(job, options = {}) {
      if (await write(job, { ifNoneMatch: '*' }, options)) return;
      throw new Error(`Expected no record of job ${job.jobId}, found one`);
    },

    async get(jobId, options = {}) {
      const record = await read(jobId, options);
      return record && { job: record.job, version: record.writeId, ageSeconds: record.ageSeconds };
    },

    async update(jobId, change, options = {}) {
      for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
        const record = await read(jobId, options);
        if (!record) throw new JobError('job_not_found', `there is no job ${jobId}`);
        const next = change(record.job, record.ageSeconds);
        if (next === record.job) return next;
        if (await write(next, { ifMatch: record.etag }, options)) return next;
      }
      throw new JobError(
        'storage_unavailable',
        `job ${jobId} was changed by others ${maxConflicts} times in a row`,
      );
    },
  };
}

function parseRecord(jobId: string, body: string): z.infer<typeof recordSchema> {
  try {
    const value: unknown = JSON.parse(body);
    if (isNewerFormat(value))
      throw new JobError('newer_version', `The record of job ${jobId} was written by a later version`);
    return recordSchema.parse(value);
  } catch (error) {
    if (error instanceof JobError) throw error;
    throw new JobError('record_unreadable', `The record of job ${jobId} cannot be read`, { cause: error });
  }
}
