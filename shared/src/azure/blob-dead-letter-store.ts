// Dead letters as create-if-absent blobs: the first word about a failure stands. What a listing shows of a letter is in
// the metadata of its blob.
import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import { JobError } from '../errors.ts';
import type { CallOptions, DeadLetter, DeadLetterStore, ListedDeadLetter } from '../ports.ts';
import { limited } from './call-limits.ts';
import { cursorOf, invalidCursor, markerOf } from './cursor.ts';
import { downloadText } from './download-text.ts';
import { isConflict, isNotFound, secondsBetween, statusOf, toStorageError } from './storage-errors.ts';

const listedSchema = z.object({
  state: z.enum(['open', 'replayed', 'purged']),
  reason: z.string(),
  jobId: z.string().optional(),
  replays: z.int().optional(),
  at: z.string(),
});
const letterSchema = listedSchema.extend({
  attempt: z.int().optional(),
  message: z.string(),
  text: z.string().optional(),
});

const suffix = '.json';
const maxConflicts = 3;

export function makeBlobDeadLetterStore(container: ContainerClient): DeadLetterStore {
  const blobOf = (name: string) => container.getBlockBlobClient(`${name}${suffix}`);

  async function write(
    name: string,
    letter: DeadLetter,
    conditions: { ifNoneMatch: '*' } | { ifMatch: string },
    options: CallOptions,
  ): Promise<void> {
    const body = JSON.stringify(letter);
    const { state, reason, jobId, replays, at } = letter;
    await blobOf(name).upload(body, Buffer.byteLength(body), {
      conditions,
      blobHTTPHeaders: { blobContentType: 'application/json' },
      metadata: { listed: JSON.stringify({ state, reason, jobId, replays, at }) },
      ...limited(options),
    });
  }

  async function read(
    name: string,
    options: CallOptions,
  ): Promise<{ letter: DeadLetter; etag: string } | undefined> {
    try {
      const { text, etag } = await downloadText(blobOf(name), options);
      return { letter: parseLetter(name, text), etag };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw toStorageError(error, `reading dead letter ${name}`, options);
    }
  }

  return {
    async record(name, letter, options = {}) {
      try {
        await write(name, letter, { ifNoneMatch: '*' }, options);
      } catch (error) {
        if (!isConflict(error)) throw toStorageError(error, `recording dead letter ${name}`, options);
      }
    },

    async get(name, options = {}) {
      return (await read(name, options))?.letter;
    },

    async mark(name, state, options = {}) {
      for (let conflicts = 0; ; conflicts += 1) {
        const found = await read(name, options);
        // After a conflict: somebody else marked it so, or we did and did not hear of it.
        if (!found || found.letter.state === state) return;
        try {
          return await write(name, { ...found.letter, state }, { ifMatch: found.etag }, options);
        } catch (error) {
          if (isConflict(error) && conflicts < maxConflicts) continue;
          throw toStorageError(error, `marking dead letter ${name} as ${state}`, options);
        }
      }
    },

    async list({ prefix, cursor, limit }, options = {}) {
      const marker = cursor === undefined ? undefined : markerOf(cursor);
      const blobs = container.listBlobsFlat({
        includeMetadata: true,
        ...(prefix !== undefined && { prefix }),
        ...limited(options),
      });
      const settings = { maxPageSize: limit, ...(marker !== undefined && { continuationToken: marker }) };
      try {
        const { value: page } = await blobs.byPage(settings).next();
        if (!page) return { letters: [] };
        const letters = page.segment.blobItems.flatMap((item: BlobItem) => readListed(item, page.date));
        const next: string | undefined = page.continuationToken;
        return { letters, ...(next && { cursor: cursorOf(next) }) };
      } catch (error) {
        if (cursor !== undefined && statusOf(error) === 400) throw invalidCursor(error);
        throw toStorageError(error, 'listing the dead letters', options);
      }
    },

    async delete(name, options = {}) {
      try {
        await blobOf(name).deleteIfExists(limited(options));
      } catch (error) {
        throw toStorageError(error, `deleting dead letter ${name}`, options);
      }
    },
  };
}

function parseLetter(name: string, text: string): DeadLetter {
  try {
    return letterSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new JobError('record_unreadable', `Dead letter ${name} cannot be read`, { cause: error });
  }
}

function readListed(item: BlobItem, now: Date | undefined): ListedDeadLetter[] {
  try {
    const { state, reason, jobId, replays, at } = listedSchema.parse(JSON.parse(item.metadata?.listed ?? ''));
    const name = item.name.slice(0, -suffix.length);
    const ageSeconds = secondsBetween(item.properties.lastModified, now);
    return [{ name, state, reason, jobId, replays, at, ageSeconds }];
  } catch {
    return [];
  }
}
