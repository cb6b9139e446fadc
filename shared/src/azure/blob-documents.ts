// Small JSON documents as blobs. As with job records, a random write id in each tells our own write from another's when
// an answer got lost.
import { randomUUID } from 'node:crypto';
import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import { JobError } from '../errors.ts';
import { formatVersion, isNewerFormat } from '../job.ts';
import type { CallOptions, DocumentStore, StoredDocument } from '../ports.ts';
import { limited } from './call-limits.ts';
import { cursorOf, invalidCursor, markerOf } from './cursor.ts';
import { downloadText } from './download-text.ts';
import {
  isConflict,
  isNotFound,
  isUncertain,
  secondsBetween,
  statusOf,
  toStorageError,
} from './storage-errors.ts';

type Condition = { ifNoneMatch: '*' } | { ifMatch: string } | Record<never, never>;

const suffix = '.json';

/**
 * @param what these are, for error messages: `batch`.
 * @param labelOf what a listing shows of a document, in visible ASCII: whoever looks after all need not read each.
 */
export function makeBlobDocuments<T>(
  container: ContainerClient,
  what: string,
  schema: z.ZodType<T>,
  labelOf: (value: T) => string | undefined = () => undefined,
): DocumentStore<T> {
  const blobOf = (name: string) => container.getBlockBlobClient(`${name}${suffix}`);
  const envelope = z.object({ v: z.literal(formatVersion), writeId: z.string(), value: schema });

  async function read(
    name: string,
    options: CallOptions,
  ): Promise<(StoredDocument<T> & { writeId: string }) | undefined> {
    try {
      const { text, etag, ageSeconds } = await downloadText(blobOf(name), options);
      const { writeId, value } = parse(text, `${what} ${name}`, envelope);
      return { value, writeId, version: etag, ageSeconds };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw toStorageError(error, `reading ${what} ${name}`, options);
    }
  }

  /** @returns false when the condition did not hold. */
  async function write(
    name: string,
    value: T,
    conditions: Condition,
    options: CallOptions,
  ): Promise<boolean> {
    const writeId = randomUUID();
    const body = JSON.stringify({ v: formatVersion, writeId, value });
    const blobHTTPHeaders = { blobContentType: 'application/json' };
    const label = labelOf(value);
    const metadata = label === undefined ? {} : { label };
    try {
      const call = { conditions, blobHTTPHeaders, metadata, ...limited(options) };
      await blobOf(name).upload(body, Buffer.byteLength(body), call);
      return true;
    } catch (error) {
      // A document that was to be replaced and is gone: the condition does not hold either.
      if (isNotFound(error)) return false;
      if (!isConflict(error) && !isUncertain(error))
        throw toStorageError(error, `writing ${what} ${name}`, options);
      options.signal?.throwIfAborted();
      if ((await read(name, options))?.writeId === writeId) return true;
      if (isConflict(error)) return false;
      throw toStorageError(error, `writing ${what} ${name}`, options);
    }
  }

  async function exists(name: string, options: CallOptions): Promise<boolean> {
    try {
      return await blobOf(name).exists(limited(options));
    } catch (error) {
      throw toStorageError(error, `looking for ${what} ${name}`, options);
    }
  }

  return {
    create: (name, value, options = {}) => write(name, value, { ifNoneMatch: '*' }, options),
    replace: (name, value, version, options = {}) => write(name, value, { ifMatch: version }, options),

    async put(name, value, options = {}) {
      await write(name, value, {}, options);
    },

    async get(name, options = {}) {
      const found = await read(name, options);
      return found && { value: found.value, version: found.version, ageSeconds: found.ageSeconds };
    },

    async delete(name, { version, ...options } = {}) {
      try {
        const conditions = version === undefined ? {} : { ifMatch: version };
        await blobOf(name).deleteIfExists({ conditions, ...limited(options) });
        return true;
      } catch (error) {
        if (!isConflict(error)) throw toStorageError(error, `deleting ${what} ${name}`, options);
        // Of a document that is not there the condition does not hold either: it may have been our own first try.
        return !(await exists(name, options));
      }
    },

    async list({ prefix, cursor, limit }, options = {}) {
      const marker = cursor === undefined ? undefined : markerOf(cursor);
      const which = { includeMetadata: true, ...(prefix !== undefined && { prefix }) };
      const blobs = container.listBlobsFlat({ ...which, ...limited(options) });
      const settings = { maxPageSize: limit, ...(marker !== undefined && { continuationToken: marker }) };
      try {
        const { value: page } = await blobs.byPage(settings).next();
        if (!page) return { documents: [] };
        const documents = page.segment.blobItems.map(({ name, properties, metadata }: BlobItem) => ({
          name: name.slice(0, -suffix.length),
          ...(metadata?.label !== undefined && { label: metadata.label }),
          ageSeconds: secondsBetween(properties.lastModified, page.date),
        }));
        const next: string | undefined = page.continuationToken;
        return { documents, ...(next && { cursor: cursorOf(next) }) };
      } catch (error) {
        if (cursor !== undefined && statusOf(error) === 400) throw invalidCursor(error);
        throw toStorageError(error, `listing every ${what}`, options);
      }
    },
  };
}

function parse<T>(text: string, what: string, schema: z.ZodType<T>): T {
  try {
    const value: unknown = JSON.parse(text);
    if (isNewerFormat(value))
      throw new JobError('newer_version', `The ${what} was written by a later version`);
    return schema.parse(value);
  } catch (error) {
    if (error instanceof JobError) throw error;
    throw new JobError('record_unreadable', `The ${what} cannot be read`, { cause: error });
  }
}
