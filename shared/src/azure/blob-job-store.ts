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
import { goneMetadata, readSummary, summaryMetadata } from './job-summary.ts';
import { isConflict, isNotFound, isUncertain, toStorageError } from './storage-errors.ts';

const recordSchema = z.object({ v: z.literal(formatVersion), writeId: z.string(), job: jobSchema });
const rawRecordSchema = z.object({ job: z.looseObject({}) });
/** What stands in the place of a deleted record. */
const noteSchema = z.object({ v: z.literal(formatVersion), writeId: z.string(), goneAt: z.iso.datetime() });

interface ReadBlob {
  /** Undefined where only the note is left. */
  readonly job?: Job;
  readonly goneAt?: string;
  readonly writeId: string;
  readonly etag: string;
  readonly ageSeconds: number;
}

type ReadRecord = ReadBlob & { readonly job: Job };

type Condition = { ifNoneMatch: '*' } | { ifMatch: string };

const maxConflicts = 10;

interface BlobWrite {
  readonly body: object;
  readonly metadata: { readonly summary: string };
}

export function makeBlobJobStore(container: ContainerClient): JobStore {
  const blobOf = (jobId: string) => container.getBlockBlobClient(`${jobId}.json`);

  async function read(jobId: string, options: CallOptions): Promise<ReadBlob | undefined> {
    try {
      const { text, etag, ageSeconds } = await downloadText(blobOf(jobId), options);
      return { ...parseRecord(jobId, text), etag, ageSeconds };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw toStorageError(error, `reading the record of job ${jobId}`, options);
    }
  }

  /** @returns whether the record is now as given; false when somebody else's write stands there. */
  const write = (job: Job, conditions: Condition, options: CallOptions) =>
    writeBlob(job.jobId, { body: { job }, metadata: summaryMetadata(job) }, conditions, options);

  async function writeBlob(
    jobId: string,
    { body, metadata }: BlobWrite,
    conditions: Condition,
    options: CallOptions,
  ): Promise<boolean> {
    const writeId = randomUUID();
    const text = JSON.stringify({ v: formatVersion, writeId, ...body });
    const blobHTTPHeaders = { blobContentType: 'application/json' };
    try {
      const call = { conditions, blobHTTPHeaders, metadata, ...limited(options) };
      await blobOf(jobId).upload(text, Buffer.byteLength(text), call);
      return true;
    } catch (error) {
      if (!isConflict(error) && !isUncertain(error))
        throw toStorageError(error, `writing job ${jobId}`, options);
      options.signal?.throwIfAborted();
      if ((await read(jobId, options))?.writeId === writeId) return true;
      if (isConflict(error)) return false;
      throw toStorageError(error, `writing job ${jobId}`, options);
    }
  }

  async function readRecord(jobId: string, options: CallOptions): Promise<ReadRecord | undefined> {
    const found = await read(jobId, options);
    if (!found) return undefined;
    const { job, goneAt } = found;
    if (job) return { ...found, job };
    throw new JobError('job_gone', `job ${jobId} was removed at ${goneAt}`, { ...(goneAt && { goneAt }) });
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
      const found = await read(jobId, options);
      if (!found?.job) return true;
      if (!mayGo(found.job, found.ageSeconds)) return false;
      const note = { body: { goneAt: new Date().toISOString() }, metadata: goneMetadata };
      return await writeBlob(jobId, note, { ifMatch: found.etag }, options);
    },

    async purge(jobId, options = {}) {
      const found = await read(jobId, options);
      if (!found || found.job) return;
      try {
        await blobOf(jobId).deleteIfExists({ conditions: { ifMatch: found.etag }, ...limited(options) });
      } catch (error) {
        // A note never changes: somebody else has purged it, or our own first try has.
        if (isConflict(error)) return;
        throw toStorageError(error, `deleting the note of job ${jobId}`, options);
      }
    },

    async create(job, options = {}) {
      if (await write(job, { ifNoneMatch: '*' }, options)) return;
      throw new Error(`Expected no record of job ${job.jobId}, found one`);
    },

    async get(jobId, options = {}) {
      const record = await readRecord(jobId, options);
      return record && { job: record.job, version: record.writeId, ageSeconds: record.ageSeconds };
    },

    async update(jobId, change, options = {}) {
      for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
        const record = await readRecord(jobId, options);
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

function parseRecord(jobId: string, body: string): Pick<ReadBlob, 'job' | 'goneAt' | 'writeId'> {
  try {
    const value: unknown = JSON.parse(body);
    if (isNewerFormat(value))
      throw new JobError('newer_version', `The record of job ${jobId} was written by a later version`);
    const note = noteSchema.safeParse(value);
    if (note.success) return note.data;
    const { job: read, ...record } = recordSchema.parse(value);
    // What a later version has added to the record stays there when we write it.
    return { ...record, job: { ...rawRecordSchema.parse(value).job, ...read } };
  } catch (error) {
    if (error instanceof JobError) throw error;
    throw new JobError('record_unreadable', `The record of job ${jobId} cannot be read`, { cause: error });
  }
}
