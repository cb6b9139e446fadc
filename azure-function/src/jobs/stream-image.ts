// A stored picture, read from the storage in parts: each in one go, and none before it is asked for. Whoever asks at the
// pace of a slow caller holds neither a connection to the storage nor more memory than one part takes.
import { buffer } from 'node:stream/consumers';
import { type ImageStore, JobError } from '@impasto/shared';
import type { ByteRange } from './byte-range.ts';

/** Most pictures are one part. */
export const partBytes = 1024 * 1024;

/**
 * @returns undefined where there is no such picture; that it is there, and can be read, is known before the first byte.
 * @throws JobError `storage_unavailable`. What happens later is thrown among the parts.
 */
export async function streamImage(
  images: Pick<ImageStore, 'get'>,
  key: string,
  { offset, count }: ByteRange,
): Promise<AsyncGenerator<Uint8Array> | undefined> {
  const first = await readPart(images, key, { offset, count: Math.min(count, partBytes) });
  return first && partsAfter(first);

  async function* partsAfter(part: Buffer): AsyncGenerator<Uint8Array> {
    yield part;
    for (let read = part.byteLength; read < count; read += partBytes) {
      const range = { offset: offset + read, count: Math.min(count - read, partBytes) };
      const next = await readPart(images, key, range);
      if (!next) throw brokenOff(key, 'it was removed');
      yield next;
    }
  }
}

async function readPart(
  images: Pick<ImageStore, 'get'>,
  key: string,
  range: ByteRange,
): Promise<Buffer | undefined> {
  const image = await images.get(key, { range });
  if (!image) return undefined;
  const part = await buffer(image.body).catch((error: unknown) => {
    throw brokenOff(key, 'the connection ended', error);
  });
  if (part.byteLength === range.count) return part;
  throw brokenOff(key, `expected ${range.count} bytes at ${range.offset}, received ${part.byteLength}`);
}

function brokenOff(key: string, why: string, cause?: unknown): JobError {
  return new JobError('storage_unavailable', `${key} broke off while it was read: ${why}`, { cause });
}
