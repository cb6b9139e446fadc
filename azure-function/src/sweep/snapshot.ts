// Everything that a sweep looks at, from listings alone: no record is read for it.
import type {
  CallOptions,
  DeadLetterStore,
  ImageStore,
  JobQueue,
  JobStore,
  JobSummary,
  ListedDeadLetter,
  ListedImage,
} from '@impasto/shared';
import { everyLetter, jobMessageSchema } from '@impasto/shared';

export interface SweptStorage {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly deadLetters: DeadLetterStore;
}

export interface Snapshot {
  readonly jobs: ReadonlyMap<string, JobSummary>;
  /** Inputs and results by the job id in their name. */
  readonly images: ReadonlyMap<string, readonly ListedImage[]>;
  /** Dead letters by the first part of their name: a job id, or `messages`. */
  readonly letters: ReadonlyMap<string, readonly ListedDeadLetter[]>;
  readonly waiting: {
    /** Age of the oldest message that waits at the head of the queue; 0 when none waits. */
    readonly oldestSeconds: number;
    /** Jobs whose message is seen there. */
    readonly jobIds: ReadonlySet<string>;
  };
}

/** Images before records: what a record names must not look nameless because it came later. */
export async function takeSnapshot(storage: SweptStorage, options: CallOptions): Promise<Snapshot> {
  const { jobs, images, queue, deadLetters } = storage;
  const byJob = new Map<string, ListedImage[]>();
  for (const prefix of ['inputs/', 'results/']) {
    for await (const image of images.list(prefix, options)) add(byJob, jobIdIn(image.key), image);
  }
  const letters = new Map<string, ListedDeadLetter[]>();
  for await (const letter of everyLetter(deadLetters, '', options))
    add(letters, letter.name.split('/', 1)[0] ?? '', letter);
  const waiting = await queue.peek(options);
  const peekedAtMs = performance.now();
  const summaries = new Map<string, JobSummary>();
  for await (const summary of jobs.list(options)) {
    // Ages as they were when the queue was looked at: a long listing must not make records look older than its head.
    const sincePeekSeconds = (performance.now() - peekedAtMs) / 1000;
    summaries.set(summary.jobId, { ...summary, ageSeconds: summary.ageSeconds - sincePeekSeconds });
  }
  return {
    jobs: summaries,
    images: byJob,
    letters,
    waiting: {
      oldestSeconds: Math.max(0, ...waiting.map(({ ageSeconds }) => ageSeconds)),
      jobIds: new Set(waiting.flatMap(({ text }) => jobIdOf(text))),
    },
  };
}

/** Of `inputs/{job_id}/content` or `results/{job_id}/...`. */
function jobIdIn(key: string): string {
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
