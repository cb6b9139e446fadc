// Everything that a sweep looks at, from listings alone: no record is read for it.
import type {
  CallOptions,
  DeadLetterStore,
  Documents,
  ImageStore,
  JobQueue,
  JobStore,
  JobSummary,
  ListedDeadLetter,
  ListedDocument,
  ListedImage,
} from '@impasto/shared';
import { everyDocument, everyLetter, jobMessageSchema } from '@impasto/shared';
import type { Leftovers } from './leftovers.ts';

export interface SweptStorage extends Documents {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly notices: JobQueue;
  readonly deadLetters: DeadLetterStore;
}

export interface Snapshot {
  readonly jobs: ReadonlyMap<string, JobSummary>;
  /** Inputs and results by the id in their name, which is that of a job or of a batch. */
  readonly images: ReadonlyMap<string, readonly ListedImage[]>;
  /** Dead letters by the first part of their name: a job id, or `messages`. */
  readonly letters: ReadonlyMap<string, readonly ListedDeadLetter[]>;
  readonly waiting: {
    /** Age of the oldest message that waits at the head of the queue; 0 when none waits. */
    readonly oldestSeconds: number;
    /** Jobs whose message is seen there. */
    readonly jobIds: ReadonlySet<string>;
  };
  /** Where no job has a receiver, nobody looks. */
  readonly notices: {
    readonly oldestSeconds: number;
    /** By name. */
    readonly deliveries: ReadonlyMap<string, ListedDocument>;
  };
  /** Ids of batches. Where every image is explained by a job, nobody looks. */
  readonly batches: ReadonlySet<string>;
  /** What is looked at once an hour. */
  readonly leftovers: Leftovers;
}

/**
 * Images before records: what a record names must not look nameless because it came later. Deliveries after them: what
 * is to be told of an end must not look untold because it was told since.
 */
export async function takeSnapshot(
  storage: SweptStorage,
  leftovers: Leftovers,
  options: CallOptions,
): Promise<Snapshot> {
  const images = await listImages(storage, options);
  const letters = await listLetters(storage, options);
  const { waiting, jobs } = await listJobs(storage, options);
  const isUnknown = (id: string) => !jobs.has(id);
  const hasReceiver = ({ webhookEvents = [] }: JobSummary) => webhookEvents.length > 0;
  return {
    ...{ jobs, images, letters, waiting, leftovers },
    notices: jobs.values().some(hasReceiver) ? await lookAtNotices(storage, options) : noNotices,
    batches: images.keys().some(isUnknown) ? await listBatches(storage, options) : new Set(),
  };
}

const noNotices = { oldestSeconds: 0, deliveries: new Map() };

async function listImages({ images }: SweptStorage, options: CallOptions): Promise<Snapshot['images']> {
  const byId = new Map<string, ListedImage[]>();
  for (const prefix of ['inputs/', 'results/']) {
    for await (const image of images.list(prefix, options)) add(byId, idIn(image.key), image);
  }
  return byId;
}

async function listLetters(
  { deadLetters }: SweptStorage,
  options: CallOptions,
): Promise<Snapshot['letters']> {
  const letters = new Map<string, ListedDeadLetter[]>();
  for await (const letter of everyLetter(deadLetters, '', options))
    add(letters, letter.name.split('/', 1)[0] ?? '', letter);
  return letters;
}

async function listJobs(
  { queue, jobs }: SweptStorage,
  options: CallOptions,
): Promise<Pick<Snapshot, 'waiting' | 'jobs'>> {
  const waiting = await queue.peek(options);
  const peekedAtMs = performance.now();
  const summaries = new Map<string, JobSummary>();
  for await (const summary of jobs.list(options)) {
    // Ages as they were when the queue was looked at: a long listing must not make records look older than its head.
    const sincePeekSeconds = (performance.now() - peekedAtMs) / 1000;
    summaries.set(summary.jobId, { ...summary, ageSeconds: summary.ageSeconds - sincePeekSeconds });
  }
  const jobIds = new Set(waiting.flatMap(({ text }) => jobIdOf(text)));
  return { jobs: summaries, waiting: { oldestSeconds: oldest(waiting), jobIds } };
}

async function lookAtNotices(
  { notices, deliveries }: SweptStorage,
  options: CallOptions,
): Promise<Snapshot['notices']> {
  const byName = new Map<string, ListedDocument>();
  const oldestSeconds = oldest(await notices.peek(options));
  for await (const delivery of everyDocument(deliveries, '', options)) byName.set(delivery.name, delivery);
  return { oldestSeconds, deliveries: byName };
}

async function listBatches({ batches }: SweptStorage, options: CallOptions): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { name } of everyDocument(batches, '', options)) ids.add(name);
  return ids;
}

function oldest(waiting: readonly { readonly ageSeconds: number }[]): number {
  return Math.max(0, ...waiting.map(({ ageSeconds }) => ageSeconds));
}

/** Of `inputs/{id}/content` or `results/{id}/...`. */
function idIn(key: string): string {
  return key.split('/', 2)[1] ?? '';
}

function jobIdOf(text: string): string[] {
  try {
    return [jobMessageSchema.parse(JSON.parse(text)).job_id];
  } catch {
    return [];
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
