// What the two apps need of the outside world, in the words of the domain. No Azure type, ETag or pop
// receipt appears here; the adapters in ./azure keep those to themselves.
import type { Readable } from 'node:stream';
import type { Job } from './job.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface StoredJob {
  readonly job: Job;
  /** Seconds since the record was last written, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

/** Job records. Every write is a compare-and-set; an acknowledgement that got lost is recognised as our own. */
export interface JobStore {
  /** @throws Error when a record with this id exists that this call did not write. */
  create(job: Job, options?: CallOptions): Promise<void>;
  get(jobId: string, options?: CallOptions): Promise<StoredJob | undefined>;
  /**
   * Reads, applies a pure function, writes; again when somebody else wrote in between. A function that returns
   * the object it was given writes nothing.
   * @returns the job as it stands now.
   * @throws JobError `job_not_found`.
   */
  update(
    jobId: string,
    change: (current: Job, ageSeconds: number) => Job,
    options?: CallOptions,
  ): Promise<Job>;
}

export interface StoredImage {
  readonly body: Readable;
  readonly bytes: number;
  readonly contentType: string;
  readonly etag: string;
}

/** Encoded images by name, such as `inputs/{job_id}/content`. A name is `{container}/{path}`. */
export interface ImageStore {
  /** Writes whole or not at all; what was there under this name is replaced. */
  put(key: string, image: Uint8Array, contentType: string, options?: CallOptions): Promise<void>;
  get(key: string, options?: CallOptions): Promise<StoredImage | undefined>;
  /** Does nothing when there is no such image. */
  delete(key: string, options?: CallOptions): Promise<void>;
}

/** One received message and the right to work on it until its visibility time is over. */
export interface ReceivedMessage {
  readonly text: string;
  /** How often the queue has handed this message out. It is no count of attempts: see docs/decisions.md. */
  readonly deliveries: number;
  /** Seconds that the message has been in the queue, by the storage's own clock alone. */
  readonly ageSeconds: number;
  /**
   * Keeps the message invisible to others for this long from now; 0 hands it to the next receiver at once.
   * @throws LeaseLost when another receiver has the message now, or it is gone.
   */
  setVisibility(seconds: number, options?: CallOptions): Promise<void>;
  /**
   * Removes the message for good.
   * @throws LeaseLost when another receiver has the message now. A message already gone is no error.
   */
  remove(options?: CallOptions): Promise<void>;
}

/** The message is no longer ours: its visibility time ran out and the queue gave it to somebody else. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export interface JobQueue {
  send(text: string, options?: CallOptions): Promise<void>;
  /** @returns the next message, invisible to others for `visibilitySeconds`, or undefined when none waits. */
  receive(visibilitySeconds: number, options?: CallOptions): Promise<ReceivedMessage | undefined>;
  /** About how many messages there are, those being worked on included. */
  countMessages(options?: CallOptions): Promise<number>;
}

export interface DeadLetter {
  readonly reason: string;
  readonly jobId?: string;
  readonly attempt?: number;
  readonly message: string;
  /** The text of a message that could not be read, cut to 1 KiB. */
  readonly text?: string;
  readonly at: string;
}

/** Where work that ended badly is written down, to be looked at and replayed. */
export interface DeadLetterStore {
  /** Writes once: a letter that is there already under this name stays as it is. */
  record(name: string, letter: DeadLetter, options?: CallOptions): Promise<void>;
}

/** What a worker tells the world about itself, every few seconds. */
export interface WorkerReport {
  readonly workerId: string;
  readonly state: 'starting' | 'ready' | 'busy' | 'stopped';
  readonly model: string;
  readonly executionProvider: string;
  /** How long the message that this worker was started for had waited when the worker received it. */
  readonly coldStartSeconds?: number;
  /** Seconds from claim to commit of this worker's latest jobs, newest last. */
  readonly recentJobSeconds: readonly number[];
}

export interface SeenWorker {
  readonly report: WorkerReport;
  /** Seconds since the report, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

export interface WorkerDirectory {
  publish(report: WorkerReport, options?: CallOptions): Promise<void>;
  /** Reports of the last day, newest first. */
  list(options?: CallOptions): Promise<readonly SeenWorker[]>;
  /** Deletes what `list` no longer shows. */
  forgetOld(options?: CallOptions): Promise<void>;
}
