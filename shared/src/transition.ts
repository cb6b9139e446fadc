// The life of a job as a pure function. Storage, clocks and queues are other people's business.
//
//   queued ──claimed──▶ processing ──completed──▶ completed
//     ▲                   │  │ └──attempt_failed (final), third crash, fifth attempt──▶ failed
//     └─handed_back───────┘  └──claimed by another worker after the first went silent──▶ processing
//     └─attempt_failed (retryable), lapsed (its worker went silent)
//   queued or processing ──canceled──▶ canceled        queued ──expired──▶ expired
//   queued ──cancel_requested──▶ canceled    processing ──cancel_requested──▶ processing, until its worker has stopped
//   failed ──replayed──▶ queued, by an operator's hand
//
// completed, canceled and expired never change, failed only when it is replayed. An event that does not apply (a late
// word from a worker that has lost its claim, say) returns the very same object, so that a caller can tell.
import { type ErrorCode, errorCatalogue } from './errors.ts';
import {
  freshCounts,
  isDone,
  type Job,
  type JobFailure,
  type JobResult,
  type Phase,
  type ProcessingJob,
} from './job.ts';

export const maxAttempts = 5;
export const maxCrashes = 3;

/** Errors after which the engine had to be killed: like the silence of a worker they count as crashes. */
const endsTheEngine: ReadonlySet<string> = new Set<ErrorCode>([
  'engine_crashed',
  'inference_timeout',
  'out_of_memory',
]);

/** Proof of who may speak for the running attempt. */
export interface Claim {
  readonly owner: string;
  readonly attempt: number;
}

export type JobEvent =
  /** A worker takes the job. On a job that is processing this is a take-over: the earlier attempt crashed. */
  | { readonly type: 'claimed'; readonly owner: string; readonly at: string }
  | { readonly type: 'progressed'; readonly claim: Claim; readonly phase: Phase; readonly progress: number }
  /** The worker has to stop and gives the job back unfinished. */
  | { readonly type: 'handed_back'; readonly claim: Claim; readonly at: string }
  | {
      readonly type: 'attempt_failed';
      readonly claim: Claim;
      readonly error: JobFailure;
      readonly at: string;
    }
  | { readonly type: 'completed'; readonly claim: Claim; readonly result: JobResult; readonly at: string }
  /** The owner has been silent for too long and nobody took the job over. */
  | { readonly type: 'lapsed'; readonly at: string }
  /** The message of the job is sent again because it seems lost. */
  | { readonly type: 'resent' }
  /** Ends the job whoever works on it. */
  | { readonly type: 'canceled'; readonly at: string }
  /** The caller wants no picture any more. A running attempt goes on until its worker has heard of it. */
  | { readonly type: 'cancel_requested'; readonly at: string }
  /** The worker has stopped because of that. */
  | {
      readonly type: 'stopped';
      readonly claim: Claim;
      readonly at: string;
      readonly phase: Phase;
      readonly processingSeconds: number;
    }
  | { readonly type: 'expired'; readonly at: string }
  /** Somebody wants a failed job to be tried anew. */
  | { readonly type: 'replayed'; readonly expiresAt: string };

export function transition(job: Job, event: JobEvent): Job {
  if (event.type === 'replayed') return job.status === 'failed' ? replayed(job, event.expiresAt) : job;
  if (isDone(job)) return job;
  switch (event.type) {
    case 'claimed':
      return job.status === 'processing'
        ? takeOver(job, event.owner, event.at)
        : claim(job, event.owner, event.at);
    case 'canceled':
      return canceled(job, event.at);
    case 'cancel_requested':
      return cancelRequested(job, event.at);
    case 'expired':
      return job.status === 'queued'
        ? { ...job, status: 'expired', completedAt: event.at, phase: 'done' }
        : job;
    case 'resent':
      return job.status === 'queued' ? { ...job, resends: job.resends + 1 } : job;
    case 'lapsed':
      return job.status === 'processing' ? lapsed(job, event.at, requeued) : job;
    default:
      return holds(job, event.claim) ? ofClaimant(job, event) : job;
  }
}

/** Whether this claim still speaks for the job. */
export function holds(job: Job, claim: Claim): job is ProcessingJob {
  return job.status === 'processing' && job.owner === claim.owner && job.attempt === claim.attempt;
}

type ClaimantEvent = Extract<JobEvent, { claim: Claim }>;

function ofClaimant(job: ProcessingJob, event: ClaimantEvent): Job {
  switch (event.type) {
    case 'progressed': {
      const phase = job.cancelRequestedAt === undefined ? event.phase : 'canceling';
      return { ...job, phase, progress: Math.max(job.progress, event.progress) };
    }
    case 'handed_back':
      return requeued({ ...job, handBacks: job.handBacks + 1 }, event.at);
    case 'stopped': {
      if (job.cancelRequestedAt === undefined) return job;
      const { phase, processingSeconds } = event;
      return { ...canceled(job, event.at), stopped: { phase, processingSeconds } };
    }
    case 'completed':
      return {
        ...withoutOwner(job),
        status: 'completed',
        completedAt: event.at,
        result: event.result,
        phase: 'done',
        progress: 1,
      };
    case 'attempt_failed':
      return attemptFailed(job, event.error, event.at);
  }
}

function claim(job: Job, owner: string, at: string): ProcessingJob {
  return {
    ...job,
    status: 'processing',
    owner,
    startedAt: at,
    attempt: job.attempt + 1,
    phase: 'fetching',
    progress: 0,
  };
}

function takeOver(job: ProcessingJob, owner: string, at: string): Job {
  return lapsed(job, at, (crashed) => claim(crashed, owner, at));
}

/** An attempt that left neither result nor error; `next` is what becomes of the job where it may be tried again. */
function lapsed(job: ProcessingJob, at: string, next: (crashed: ProcessingJob, at: string) => Job): Job {
  const crashed = { ...job, crashes: job.crashes + 1 };
  if (job.cancelRequestedAt !== undefined) return canceled(crashed, at);
  if (crashed.crashes >= maxCrashes) return crashedTooOften(crashed, at);
  return spentAttempts(job) >= maxAttempts ? exhausted(crashed, at) : next(crashed, at);
}

function attemptFailed(job: ProcessingJob, error: JobFailure, at: string): Job {
  const crashed = endsTheEngine.has(error.code);
  const counts = crashed ? { crashes: job.crashes + 1 } : { errors: job.errors + 1 };
  const noted = { ...job, ...counts, lastError: error };
  if (error.retryable && job.cancelRequestedAt !== undefined) return canceled(noted, at);
  if (isSecondOutOfMemory(job, error)) return failed(noted, { ...error, retryable: false }, at);
  if (crashed && noted.crashes >= maxCrashes) return crashedTooOften(noted, at);
  if (!error.retryable) return failed(noted, error, at);
  return spentAttempts(job) >= maxAttempts ? exhausted(noted, at) : requeued(noted, at);
}

/** The same picture under the same limit: a third attempt would end as the first two did. */
function isSecondOutOfMemory({ lastError }: Job, { code }: JobFailure): boolean {
  return code === ('out_of_memory' satisfies ErrorCode) && lastError?.code === code;
}

function replayed(job: Extract<Job, { status: 'failed' }>, expiresAt: string): Job {
  const { error: _error, completedAt: _completedAt, startedAt: _startedAt, lastError: _last, ...kept } = job;
  const { cancelRequestedAt: _asked, ...rest } = kept;
  return { ...rest, ...freshCounts, status: 'queued', replays: job.replays + 1, expiresAt };
}

function crashedTooOften(job: ProcessingJob, at: string): Job {
  const message = `${job.crashes} attempts ended with a dead worker or engine${lastErrorOf(job)}`;
  return failed(job, failure('worker_crashed', message), at);
}

/** Attempts that count against the job: those handed back do not. */
function spentAttempts(job: Job): number {
  return job.attempt - job.handBacks;
}

function exhausted(job: ProcessingJob, at: string): Job {
  const message = `None of ${spentAttempts(job)} attempts succeeded${lastErrorOf(job)}`;
  return failed(job, failure('attempts_exhausted', message), at);
}

function lastErrorOf(job: Job): string {
  return job.lastError ? `; the last error was ${job.lastError.code}: ${job.lastError.message}` : '';
}

function failed(job: ProcessingJob, error: JobFailure, at: string): Job {
  return { ...withoutOwner(job), status: 'failed', completedAt: at, error, phase: 'done' };
}

/** Nobody is to begin a job again that somebody wants to end. */
function requeued(job: ProcessingJob, at: string): Job {
  if (job.cancelRequestedAt !== undefined) return canceled(job, at);
  const { owner: _owner, startedAt: _startedAt, ...rest } = job;
  return { ...rest, status: 'queued', phase: 'queued', progress: 0 };
}

function canceled(job: Job, at: string): Extract<Job, { status: 'canceled' }> {
  return { ...withoutOwner(job), status: 'canceled', completedAt: at, phase: 'done' };
}

function cancelRequested(job: Job, at: string): Job {
  if (job.cancelRequestedAt !== undefined) return job;
  const asked = { ...job, cancelRequestedAt: at };
  return asked.status === 'processing' ? { ...asked, phase: 'canceling' } : canceled(asked, at);
}

function withoutOwner(job: Job): Omit<Job, 'owner'> {
  if (job.status !== 'processing') return job;
  const { owner: _owner, ...rest } = job;
  return rest;
}

function failure(code: ErrorCode, message: string): JobFailure {
  return { code, message, retryable: errorCatalogue[code].retryable };
}
