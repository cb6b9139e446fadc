// What the two apps need of the outside world, in the words of the domain. No Azure type, ETag or pop
// receipt appears here; the adapters in ./azure keep those to themselves.
import type { Readable } from 'node:stream';
import type { Job } from './job.ts';
import type { WebhookEvent } from './submission.ts';
import type { Counted } from './telemetry/metrics-buckets.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface StoredJob {
  readonly job: Job;
  /** Another one after each write. */
  readonly version: string;
  /** Seconds since the record was last written, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

/** What a listing tells of a job without reading its record. */
export interface JobSummary {
  readonly jobId: string;
  /** `gone`: only the note that there was such a job. */
  readonly status: Job['status'] | 'gone';
  readonly attempt: number;
  readonly replays: number;
  readonly expiresAt?: string;
  /** Of a completed job: the name of its result in the image store. */
  readonly resultKey?: string;
  /** Of a failed job: the error code. Records that were written before there was one here have none. */
  readonly reason?: string;
  readonly retentionHours?: number;
  /** Whether its time is over, and the record stays only until its receiver has been told. */
  readonly picturesAreGone?: boolean;
  /** The events that a receiver wants to be told of. */
  readonly webhookEvents?: readonly WebhookEvent[];
  /** Seconds since the record was last written, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

/** Job records. Every write is a compare-and-set; an acknowledgement that got lost is recognised as our own. */
export interface JobStore {
  /** @throws Error when a record with this id exists that this call did not write. */
  create(job: Job, options?: CallOptions): Promise<void>;
  /** @throws JobError `job_gone` where the record was deleted, with the date. */
  get(jobId: string, options?: CallOptions): Promise<StoredJob | undefined>;
  /**
   * Reads, applies a pure function, writes; again when somebody else wrote in between. A function that returns
   * the object it was given writes nothing.
   * @returns the job as it stands now.
   * @throws JobError `job_not_found` or `job_gone`.
   */
  update(
    jobId: string,
    change: (current: Job, ageSeconds: number) => Job,
    options?: CallOptions,
  ): Promise<Job>;
  /** Every job in the order of ids, those that are gone included. A record that cannot be read is left out. */
  list(options?: CallOptions): AsyncIterable<JobSummary>;
  /**
   * Deletes the record if `mayGo` still says so of what stands there at that very moment. What stays is a note without
   * any content that there was such a job, and since when it is gone.
   * @returns whether there is no record now.
   */
  delete(
    jobId: string,
    mayGo: (current: Job, ageSeconds: number) => boolean,
    options?: CallOptions,
  ): Promise<boolean>;
  /** Deletes the note that a deleted record left. Does nothing where there is none, or a record. */
  purge(jobId: string, options?: CallOptions): Promise<void>;
}

export interface StoredImage {
  readonly body: Readable;
  /** Of the body: of a part only its own. */
  readonly bytes: number;
  readonly contentType: string;
  readonly etag: string;
}

export interface SignedAddress {
  readonly url: string;
  /** ISO date. */
  readonly expiresAt: string;
}

export interface ListedImage {
  readonly key: string;
  readonly bytes: number;
  /** Seconds since it was written, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

/** Encoded images by name, such as `inputs/{job_id}/content`. A name is `{container}/{path}`. */
export interface ImageStore {
  /**
   * Writes whole or not at all; what was there under this name is replaced.
   * @param options `md5` of the image, 16 bytes: what arrives otherwise is refused.
   */
  put(
    key: string,
    image: Uint8Array,
    contentType: string,
    options?: CallOptions & { readonly md5?: Uint8Array },
  ): Promise<void>;
  /** @param options `range` of bytes, which must lie within the image; without it the whole. */
  get(
    key: string,
    options?: CallOptions & { readonly range?: { readonly offset: number; readonly count: number } },
  ): Promise<StoredImage | undefined>;
  /**
   * An address from which anybody who has it can read this image, and nothing else, for so long. It is a secret.
   * @param options `fileName` under which a browser saves it.
   */
  sign(
    key: string,
    options: CallOptions & { readonly seconds: number; readonly fileName: string },
  ): Promise<SignedAddress>;
  /** Does nothing when there is no such image. */
  delete(key: string, options?: CallOptions): Promise<void>;
  /** Images whose name starts so, in the order of names: `results/`, or `inputs/{job_id}/`. */
  list(prefix: string, options?: CallOptions): AsyncIterable<ListedImage>;
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

export interface WaitingMessage {
  readonly text: string;
  /** Seconds that the message has been in the queue, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

/** The part of a queue that can be counted. */
export type CountedQueue = Pick<JobQueue, 'countMessages'>;

export interface JobQueue {
  /** @param options `delaySeconds`, up to 7 days: nobody receives the message before. */
  send(text: string, options?: CallOptions & { readonly delaySeconds?: number }): Promise<void>;
  /** @returns the next message, invisible to others for `visibilitySeconds`, or undefined when none waits. */
  receive(visibilitySeconds: number, options?: CallOptions): Promise<ReceivedMessage | undefined>;
  /** Up to 32 of the messages that are next to be received, left as they are. None of those being worked on. */
  peek(options?: CallOptions): Promise<readonly WaitingMessage[]>;
  /** About how many messages there are, those being worked on included. */
  countMessages(options?: CallOptions): Promise<number>;
}

export interface DeadLetter {
  /** `open` until somebody replays the job or throws the letter away. */
  readonly state: 'open' | 'replayed' | 'purged';
  /** The error code that ended the job, or what is wrong with the message. */
  readonly reason: string;
  readonly jobId?: string | undefined;
  readonly attempt?: number | undefined;
  /** How often the job had been replayed when it failed. */
  readonly replays?: number | undefined;
  readonly message: string;
  /** The text of a message that could not be read, cut to 1 KiB. */
  readonly text?: string | undefined;
  readonly at: string;
}

export interface ListedDeadLetter extends Pick<DeadLetter, 'state' | 'reason' | 'jobId' | 'replays' | 'at'> {
  readonly name: string;
  readonly ageSeconds: number;
}

export interface DeadLetterPage {
  readonly letters: readonly ListedDeadLetter[];
  /** Where the next page begins; none on the last one. */
  readonly cursor?: string;
}

/**
 * Where work that ended badly is written down, to be looked at and replayed. A job's letter is named
 * `{job_id}/{replays}`, that of a message without a job `messages/{hash}`: one letter for each end.
 */
export interface DeadLetterStore {
  /** Writes once: a letter that is there already under this name stays as it is. */
  record(name: string, letter: DeadLetter, options?: CallOptions): Promise<void>;
  get(name: string, options?: CallOptions): Promise<DeadLetter | undefined>;
  /** Does nothing when there is no such letter, or it is in this state already. */
  mark(name: string, state: DeadLetter['state'], options?: CallOptions): Promise<void>;
  /**
   * Letters in the order of names, at most `limit` (1 to 5,000).
   * @param page `prefix` of the names; `cursor` from the page before.
   * @throws JobError `invalid_cursor`.
   */
  list(
    page: { readonly prefix?: string; readonly cursor?: string | undefined; readonly limit: number },
    options?: CallOptions,
  ): Promise<DeadLetterPage>;
  /** Does nothing when there is no such letter. */
  delete(name: string, options?: CallOptions): Promise<void>;
}

/** One right among all processes, for work that two of them must not do at the same time. */
export interface Mutex {
  /**
   * Runs the work if nobody else holds the right.
   * @param work gets a signal that aborts when the right is lost, or after minutes.
   * @returns whether it ran.
   */
  tryRun(work: (signal: AbortSignal) => Promise<void>, options?: CallOptions): Promise<boolean>;
}

/** What a worker tells the world about itself, every few seconds. */
export interface WorkerReport {
  readonly workerId: string;
  /** `unhealthy`: it could not start, or had to end; `problem` says why in a few words. */
  readonly state: 'starting' | 'ready' | 'busy' | 'stopped' | 'unhealthy';
  readonly problem?: string;
  readonly model: string;
  readonly executionProvider: string;
  /** How long the message that this worker was started for had waited when the worker received it. */
  readonly coldStartSeconds?: number;
  /** Seconds from claim to commit of this worker's latest jobs, newest last. */
  readonly recentJobSeconds: readonly number[];
  /** From the start of the engine process to a model that is loaded and warm, the last time. */
  readonly modelLoadSeconds?: number;
  /** How long each stage took of all jobs that this worker has completed, by the bounds of `stageBounds`. */
  readonly stageSeconds?: Readonly<Record<string, Counted>>;
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

export interface StoredDocument<T> {
  readonly value: T;
  /** Another one after each write; what `replace` and `delete` want to be told. */
  readonly version: string;
  /** Seconds since it was last written, by the storage's own clock alone. */
  readonly ageSeconds: number;
}

export interface ListedDocument {
  readonly name: string;
  /** What a listing is to show of such a document, where it has that: see connect.ts. */
  readonly label?: string;
  readonly ageSeconds: number;
}

/** Small JSON documents by name. An acknowledgement that got lost is recognised as our own. */
export interface DocumentStore<T> {
  /** @returns false where a document of this name is there already: it stays as it is. */
  create(name: string, value: T, options?: CallOptions): Promise<boolean>;
  /** @throws JobError `record_unreadable` or `newer_version`. */
  get(name: string, options?: CallOptions): Promise<StoredDocument<T> | undefined>;
  /** @returns false where somebody else has written or deleted it since. */
  replace(name: string, value: T, version: string, options?: CallOptions): Promise<boolean>;
  /** Writes whatever was there. */
  put(name: string, value: T, options?: CallOptions): Promise<void>;
  /**
   * @param options `version` that it must still have.
   * @returns whether there is no such document now.
   */
  delete(name: string, options?: CallOptions & { readonly version?: string }): Promise<boolean>;
  /**
   * Documents in the order of names, at most `limit` (1 to 1,000).
   * @throws JobError `invalid_cursor`.
   */
  list(
    page: { readonly prefix?: string; readonly cursor?: string | undefined; readonly limit: number },
    options?: CallOptions,
  ): Promise<{ readonly documents: readonly ListedDocument[]; readonly cursor?: string }>;
}
