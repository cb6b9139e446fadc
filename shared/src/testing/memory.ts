// The ports in memory, for tests of everything behind them. The contract suites hold them to what Azure does.
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { JobError } from '../errors.ts';
import type { ImageStore, Mutex, WorkerDirectory, WorkerReport } from '../ports.ts';
import type { Clock } from './clock.ts';

export { makeMemoryDeadLetterStore } from './memory-dead-letter-store.ts';
export { makeMemoryDocuments } from './memory-documents.ts';
export { makeMemoryJobQueue } from './memory-job-queue.ts';
export { makeMemoryJobStore } from './memory-job-store.ts';

interface KeptImage {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly etag: string;
  readonly writtenAt: number;
}

export function makeMemoryImageStore(clock: Clock = Date.now): ImageStore & { keys(): string[] } {
  const images = new Map<string, KeptImage>();
  return {
    keys: () => [...images.keys()].sort(),
    async put(key, image, contentType, options = {}) {
      options.signal?.throwIfAborted();
      const md5 = createHash('md5').update(image).digest();
      if (options.md5 && !md5.equals(options.md5))
        throw new JobError('storage_unavailable', `${key} arrived with another MD5`);
      const etag = `"${randomUUID()}"`;
      images.set(key, { bytes: Uint8Array.from(image), contentType, etag, writtenAt: clock() });
    },
    async get(key, options = {}) {
      options.signal?.throwIfAborted();
      const image = images.get(key);
      if (!image) return undefined;
      const { contentType, etag } = image;
      const { offset = 0, count = image.bytes.byteLength } = options.range ?? {};
      const bytes = image.bytes.subarray(offset, offset + count);
      return { body: Readable.from([Buffer.from(bytes)]), bytes: bytes.byteLength, contentType, etag };
    },
    async sign(key, { seconds, fileName }) {
      const expiresAt = new Date(clock() + seconds * 1000).toISOString();
      const url = new URL(`https://images.invalid/${key}`);
      url.search = String(new URLSearchParams({ expires: expiresAt, name: fileName }));
      return { url: url.href, expiresAt };
    },
    async delete(key, options = {}) {
      options.signal?.throwIfAborted();
      images.delete(key);
    },
    async *list(prefix, options = {}) {
      options.signal?.throwIfAborted();
      for (const [key, { bytes, writtenAt }] of [...images].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (!key.startsWith(prefix)) continue;
        yield { key, bytes: bytes.byteLength, ageSeconds: (clock() - writtenAt) / 1000 };
      }
    },
  };
}

export function makeMemoryMutex(): Mutex {
  let held = false;
  return {
    async tryRun(work, options = {}) {
      if (held) return false;
      held = true;
      try {
        await work(options.signal ?? new AbortController().signal);
        return true;
      } finally {
        held = false;
      }
    },
  };
}

export function makeMemoryWorkerDirectory(clock: Clock = Date.now): WorkerDirectory {
  const reports = new Map<string, { report: WorkerReport; writtenAt: number }>();
  const age = (writtenAt: number) => (clock() - writtenAt) / 1000;
  const keptSeconds = 24 * 3600;
  return {
    async publish(report) {
      reports.set(report.workerId, { report, writtenAt: clock() });
    },
    async list() {
      return [...reports.values()]
        .map(({ report, writtenAt }) => ({ report, ageSeconds: age(writtenAt) }))
        .filter((one) => one.ageSeconds < keptSeconds)
        .sort((a, b) => a.ageSeconds - b.ageSeconds);
    },
    async forgetOld() {
      for (const [id, { writtenAt }] of reports) if (age(writtenAt) >= keptSeconds) reports.delete(id);
    },
  };
}
