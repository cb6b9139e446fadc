// The ports in memory, for tests of everything behind them. The contract suites hold them to what Azure does.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { JobError } from '../errors.ts';
import type { Job } from '../job.ts';
import {
  type DeadLetter,
  type DeadLetterStore,
  type ImageStore,
  type JobQueue,
  type JobStore,
  LeaseLost,
  type ReceivedMessage,
  type WorkerDirectory,
  type WorkerReport,
} from '../ports.ts';

/** Milliseconds; a test that plays with time passes its own. */
type Clock = () => number;

export function makeMemoryJobStore(clock: Clock = Date.now): JobStore {
  const records = new Map<string, { job: Job; writtenAt: number }>();
  const store = (job: Job) => records.set(job.jobId, { job: structuredClone(job), writtenAt: clock() });
  const read = (jobId: string) => {
    const record = records.get(jobId);
    return record && { job: structuredClone(record.job), ageSeconds: (clock() - record.writtenAt) / 1000 };
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
  };
}

export function makeMemoryImageStore(): ImageStore & { keys(): string[] } {
  const images = new Map<string, { bytes: Uint8Array; contentType: string; etag: string }>();
  return {
    keys: () => [...images.keys()].sort(),
    async put(key, image, contentType, options = {}) {
      options.signal?.throwIfAborted();
      images.set(key, { bytes: Uint8Array.from(image), contentType, etag: `"${randomUUID()}"` });
    },
    async get(key, options = {}) {
      options.signal?.throwIfAborted();
      const image = images.get(key);
      if (!image) return undefined;
      const { bytes, contentType, etag } = image;
      return { body: Readable.from([Buffer.from(bytes)]), bytes: bytes.byteLength, contentType, etag };
    },
    async delete(key) {
      images.delete(key);
    },
  };
}

interface QueuedMessage {
  readonly text: string;
  readonly sentAt: number;
  visibleAt: number;
  deliveries: number;
  receipt: string;
}

export function makeMemoryJobQueue(clock: Clock = Date.now): JobQueue {
  const messages = new Set<QueuedMessage>();

  function hold(message: QueuedMessage, seconds: number): string {
    message.visibleAt = clock() + seconds * 1000;
    message.receipt = randomUUID();
    return message.receipt;
  }

  function received(message: QueuedMessage, seconds: number): ReceivedMessage {
    let receipt = hold(message, seconds);
    const assertHeld = () => {
      if (!messages.has(message) || message.receipt !== receipt)
        throw new LeaseLost('another receiver has the message');
    };
    return {
      text: message.text,
      deliveries: message.deliveries,
      ageSeconds: (clock() - message.sentAt) / 1000,
      async setVisibility(next) {
        assertHeld();
        receipt = hold(message, next);
      },
      async remove() {
        if (!messages.has(message)) return;
        assertHeld();
        messages.delete(message);
      },
    };
  }

  return {
    async send(text, options = {}) {
      options.signal?.throwIfAborted();
      messages.add({ text, sentAt: clock(), visibleAt: 0, deliveries: 0, receipt: '' });
    },
    async receive(visibilitySeconds, options = {}) {
      options.signal?.throwIfAborted();
      const next = [...messages].find((message) => message.visibleAt <= clock());
      if (!next) return undefined;
      next.deliveries += 1;
      return received(next, visibilitySeconds);
    },
    async countMessages() {
      return messages.size;
    },
  };
}

export function makeMemoryDeadLetterStore(): DeadLetterStore & { letters: ReadonlyMap<string, DeadLetter> } {
  const letters = new Map<string, DeadLetter>();
  return {
    letters,
    async record(name, letter) {
      if (!letters.has(name)) letters.set(name, letter);
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
