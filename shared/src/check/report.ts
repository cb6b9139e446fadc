// What the check is told and what it tells: calls that clients made, violations found, and the sums.
import type { Job } from '../job.ts';

/** One call of a client to the service, as the client saw it. */
export interface ClientCall {
  readonly call: 'submit' | 'status' | 'cancel' | 'delete';
  /** `fail` is a definite answer of 4xx or 5xx; `unknown` a call without an answer, which may have had its effect. */
  readonly outcome: 'ok' | 'fail' | 'unknown';
  readonly jobId?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly code?: string | undefined;
  /** Of a submission: its Idempotency-Key. */
  readonly key?: string | undefined;
  /** ISO 8601; when the answer came, by one clock for all calls. */
  readonly at: string;
  /** Of a call that was answered with the job as it is. */
  readonly view?: JobView | undefined;
}

/** What a status answer says of a job. */
export interface JobView {
  readonly status: string;
  readonly done: boolean;
  readonly attempt: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly phase: string;
}

/** The promises by number; `impasto check` has them in words. */
export type Invariant = 'I1' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12' | 'I13';

export interface Violation {
  readonly invariant: Invariant;
  /** The id of a job, or the name of a blob, a dead letter or the queue. */
  readonly subject: string;
  readonly detail: string;
}

export type NoticeState = 'delivered' | 'pending' | 'failed' | 'disabled' | 'missing';

/** How the real wait of jobs compares with the range that was foretold when they were submitted. */
export interface Waits {
  /** Where no worker was there yet. */
  readonly cold: ForetoldWaits;
  readonly warm: ForetoldWaits;
}

export interface ForetoldWaits {
  readonly inside: number;
  readonly earlier: number;
  readonly later: number;
}

export interface CheckReport {
  readonly jobs: Readonly<Record<Job['status'], number>>;
  /** Jobs of which only the note is left that there was one. */
  readonly gone: number;
  /** Jobs that were given a copy of an earlier result. */
  readonly reused: number;
  readonly batches: number;
  /** Ends of jobs that a receiver wanted to be told of, by what became of it. */
  readonly notices: Readonly<Record<NoticeState, number>>;
  readonly waits: Waits;
  /** Failed jobs by error code. */
  readonly failedByReason: Readonly<Record<string, number>>;
  /** Messages in the queue, those being worked on included. */
  readonly messages: number;
  /** Jobs that were accepted and have no record. */
  readonly lost: number;
  /** Jobs that have been open for too long. */
  readonly stuck: number;
  /** Images that belong to nothing. */
  readonly orphans: number;
  /** Jobs that took more than one attempt. */
  readonly executedMoreThanOnce: number;
  /** Jobs that exist although the client that submitted them never heard so. */
  readonly recovered: number;
  readonly crashes: number;
  readonly handBacks: number;
  readonly resends: number;
  readonly replays: number;
  /** In the order of invariants, then of subjects. */
  readonly violations: readonly Violation[];
}

export type Tally = { -readonly [Sum in keyof CheckReport]: Mutable<CheckReport[Sum]> };
type Mutable<Value> = Value extends number ? number : { -readonly [Key in keyof Value]: Mutable<Value[Key]> };

export function emptyTally(): Omit<Tally, 'violations'> {
  return {
    jobs: { queued: 0, processing: 0, completed: 0, failed: 0, canceled: 0, expired: 0 },
    gone: 0,
    reused: 0,
    batches: 0,
    notices: { delivered: 0, pending: 0, failed: 0, disabled: 0, missing: 0 },
    waits: { cold: { inside: 0, earlier: 0, later: 0 }, warm: { inside: 0, earlier: 0, later: 0 } },
    failedByReason: {},
    messages: 0,
    lost: 0,
    stuck: 0,
    orphans: 0,
    executedMoreThanOnce: 0,
    recovered: 0,
    crashes: 0,
    handBacks: 0,
    resends: 0,
    replays: 0,
  };
}
