// Named moments of the protocol as decorators over the ports: a test composes them, and production knows nothing of
// them. At each moment, before and after the call, a hook may wait, throw, or let somebody else run.
import type { Documents } from '../documents.ts';
import { type Job, thumbnailKeyOf } from '../job.ts';
import type {
  CallOptions,
  DeadLetterStore,
  DocumentStore,
  ImageStore,
  JobQueue,
  JobStore,
  Mutex,
  ReceivedMessage,
} from '../ports.ts';

export type FaultPoint =
  | 'inputs.1'
  | 'inputs.2'
  | 'inputs.fetched'
  | 'inputs.deleted'
  | 'result.put'
  | 'thumbnail.put'
  | 'result.read'
  | 'result.deleted'
  | 'record.created'
  | 'record.read'
  | 'record.deleted'
  | 'claimed'
  | 'progressed'
  | 'committed'
  | 'failed'
  | 'canceled'
  | 'expired'
  | 'handed_back'
  | 'retried'
  | 'lapsed'
  | 'resent'
  | 'replayed'
  | 'message.sent'
  | 'notice.sent'
  | 'message.deleted'
  | 'received'
  | 'renewed'
  | 'released'
  | 'peeked'
  | 'counted'
  | 'dead.recorded'
  | 'dead.read'
  | 'dead.marked'
  | 'dead.deleted'
  | 'key.written'
  | 'key.deleted'
  | 'indexed'
  | 'unindexed'
  | 'delivery.written'
  | 'delivery.deleted'
  | 'batch.written'
  | 'batch.deleted'
  | 'reuse.written'
  | 'reuse.deleted'
  | 'document.read'
  | 'locked'
  | 'listed';

export interface FaultCall {
  readonly point: FaultPoint;
  /** `after`: the call was carried out, and its caller has not heard of it yet. */
  readonly when: 'before' | 'after';
  /** The job that it is about, where the call tells. */
  readonly jobId: string | undefined;
  /** The caller's, where it gave one. */
  readonly signal: AbortSignal | undefined;
}

/** What it throws the caller sees; while its promise is open the caller waits. */
export type FaultHook = (call: FaultCall) => Promise<void> | void;

export interface FaultyPorts extends Documents {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly notices: JobQueue;
  readonly deadLetters: DeadLetterStore;
  readonly sweeping: Mutex;
}

/** Calls the hook around a call; `about` is a text with the id of a job in it. */
type At = <T>(
  point: FaultPoint,
  about: string,
  options: CallOptions | undefined,
  call: () => Promise<T>,
) => Promise<T>;
type Listing = <T>(items: AsyncIterable<T>, options?: CallOptions) => AsyncIterable<T>;

/** The same ports, with the hook called around every call. One set of them for each actor that may fail. */
export function withFaultPoints(ports: FaultyPorts, hook: FaultHook): FaultyPorts {
  const at: At = async (point, about, options, call) => {
    const facts = { point, jobId: jobIdIn(about), signal: options?.signal };
    await hook({ ...facts, when: 'before' });
    const answer = await call();
    await hook({ ...facts, when: 'after' });
    return answer;
  };
  async function* listing<T>(items: AsyncIterable<T>, options?: CallOptions): AsyncGenerator<T> {
    const facts = { point: 'listed', jobId: undefined, signal: options?.signal } as const;
    await hook({ ...facts, when: 'before' });
    yield* items;
    await hook({ ...facts, when: 'after' });
  }
  return {
    jobs: jobPoints(ports.jobs, at, hook, listing),
    images: imagePoints(ports.images, at, listing),
    queue: queuePoints(ports.queue, at, 'message.sent'),
    notices: queuePoints(ports.notices, at, 'notice.sent'),
    idempotencyKeys: documentPoints(ports.idempotencyKeys, at, 'key.written', 'key.deleted'),
    batches: documentPoints(ports.batches, at, 'batch.written', 'batch.deleted'),
    deliveries: documentPoints(ports.deliveries, at, 'delivery.written', 'delivery.deleted'),
    reuse: documentPoints(ports.reuse, at, 'reuse.written', 'reuse.deleted'),
    jobIndex: documentPoints(ports.jobIndex, at, 'indexed', 'unindexed'),
    deadLetters: letterPoints(ports.deadLetters, at),
    sweeping: {
      tryRun: (work, options) => at('locked', '', options, () => ports.sweeping.tryRun(work, options)),
    },
  };
}

function jobPoints(jobs: JobStore, at: At, hook: FaultHook, listing: Listing): JobStore {
  return {
    create: (job, options) => at('record.created', job.jobId, options, () => jobs.create(job, options)),
    get: (jobId, options) => at('record.read', jobId, options, () => jobs.get(jobId, options)),
    // What a change is called is known only from the record that it meets: one look ahead tells for `before`, and the
    // change itself for `after`.
    async update(jobId, change, options) {
      const { signal } = options ?? {};
      const seen = await jobs.get(jobId, options).catch(() => undefined);
      const expected = seen ? recordPoint(seen.job, change(seen.job, seen.ageSeconds)) : 'record.read';
      await hook({ point: expected, when: 'before', jobId, signal });
      let point: FaultPoint = expected;
      const noting: typeof change = (now, ageSeconds) => {
        const next = change(now, ageSeconds);
        point = recordPoint(now, next);
        return next;
      };
      const changed = await jobs.update(jobId, noting, options);
      await hook({ point, when: 'after', jobId, signal });
      return changed;
    },
    list: (options) => listing(jobs.list(options), options),
    delete: (jobId, mayGo, options) =>
      at('record.deleted', jobId, options, () => jobs.delete(jobId, mayGo, options)),
    purge: (jobId, options) => at('record.deleted', jobId, options, () => jobs.purge(jobId, options)),
  };
}

function imagePoints(images: ImageStore, at: At, listing: Listing): ImageStore {
  const got = (key: string) => (isResult(key) ? 'result.read' : 'inputs.fetched');
  const deleted = (key: string) => (isResult(key) ? 'result.deleted' : 'inputs.deleted');
  return {
    put: (key, image, contentType, options) =>
      at(putPoint(key), key, options, () => images.put(key, image, contentType, options)),
    get: (key, options) => at(got(key), key, options, () => images.get(key, options)),
    sign: (key, options) => images.sign(key, options),
    delete: (key, options) => at(deleted(key), key, options, () => images.delete(key, options)),
    list: (prefix, options) => listing(images.list(prefix, options), options),
  };
}

function queuePoints(queue: JobQueue, at: At, sent: 'message.sent' | 'notice.sent'): JobQueue {
  return {
    send: (text, options) => at(sent, text, options, () => queue.send(text, options)),
    async receive(visibilitySeconds, options) {
      const message = await at('received', '', options, () => queue.receive(visibilitySeconds, options));
      return message && messagePoints(message, visibilitySeconds, at);
    },
    peek: (options) => at('peeked', '', options, () => queue.peek(options)),
    countMessages: (options) => at('counted', '', options, () => queue.countMessages(options)),
  };
}

function messagePoints(message: ReceivedMessage, visibilitySeconds: number, at: At): ReceivedMessage {
  const { text, deliveries, ageSeconds } = message;
  const renewal = (seconds: number) => (seconds === visibilitySeconds ? 'renewed' : 'released');
  return {
    ...{ text, deliveries, ageSeconds },
    setVisibility: (seconds, options) =>
      at(renewal(seconds), text, options, () => message.setVisibility(seconds, options)),
    remove: (options) => at('message.deleted', text, options, () => message.remove(options)),
  };
}

function letterPoints(letters: DeadLetterStore, at: At): DeadLetterStore {
  return {
    record: (name, letter, options) =>
      at('dead.recorded', name, options, () => letters.record(name, letter, options)),
    get: (name, options) => at('dead.read', name, options, () => letters.get(name, options)),
    mark: (name, state, options) =>
      at('dead.marked', name, options, () => letters.mark(name, state, options)),
    list: (page, options) => at('listed', '', options, () => letters.list(page, options)),
    delete: (name, options) => at('dead.deleted', name, options, () => letters.delete(name, options)),
  };
}

function documentPoints<T>(
  documents: DocumentStore<T>,
  at: At,
  written: FaultPoint,
  deleted: FaultPoint,
): DocumentStore<T> {
  return {
    create: (name, value, options) =>
      at(written, name, options, () => documents.create(name, value, options)),
    replace: (name, value, version, options) =>
      at(written, name, options, () => documents.replace(name, value, version, options)),
    put: (name, value, options) => at(written, name, options, () => documents.put(name, value, options)),
    get: (name, options) => at('document.read', name, options, () => documents.get(name, options)),
    delete: (name, options) => at(deleted, name, options, () => documents.delete(name, options)),
    list: (page, options) => at('listed', '', options, () => documents.list(page, options)),
  };
}

function jobIdIn(text: string): string | undefined {
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(text)?.[0];
}

function putPoint(key: string): FaultPoint {
  if (key.endsWith(thumbnailKeyOf(''))) return 'thumbnail.put';
  if (isResult(key)) return 'result.put';
  return key.endsWith('/content') ? 'inputs.1' : 'inputs.2';
}

function isResult(key: string): boolean {
  return key.startsWith('results/');
}

/** What a write does to a record is told from the two states of the job. */
function recordPoint(before: Job, after: Job): FaultPoint {
  if (after === before) return 'record.read';
  switch (after.status) {
    case 'completed':
      return 'committed';
    case 'processing':
      return after.attempt > before.attempt ? 'claimed' : 'progressed';
    case 'queued':
      return requeuePoint(before, after);
    default:
      return after.status;
  }
}

function requeuePoint(before: Job, after: Job): FaultPoint {
  if (after.replays > before.replays) return 'replayed';
  if (after.resends > before.resends) return 'resent';
  if (after.handBacks > before.handBacks) return 'handed_back';
  return after.crashes > before.crashes && after.lastError === before.lastError ? 'lapsed' : 'retried';
}
