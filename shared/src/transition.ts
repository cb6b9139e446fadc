// The life of a job as a pure function. Storage, clocks and queues are other people's business.
//
//   queued ──claimed──▶ processing ──completed──▶ completed
//     ▲                   │  │ └──attempt_failed (final), third crash, fifth attempt──▶ failed
//     └─handed_back───────┘  └──claimed by another worker after the first went silent──▶ processing
//     └─attempt_failed (retryable)
//   queued or processing ──canceled──▶ canceled        queued ──expired──▶ expired
//
// completed, failed, canceled and expired are terminal: nothing changes them. An event that does not apply (a late
// word from a worker that has lost its claim, say) returns the very same object, so that a caller can tell.
import { type ErrorCode, errorCatalogue } from './errors.ts';
import { isDone, type Job, type JobFailure, type JobResult, type Phase, type ProcessingJob } from './job.ts';

export const maxAttempts = 5;
export const maxCrashes = 3;

/** Errors after which the engine had to be killed: like the silence of a worker they count as crashes. */
const endsTheEngine: ReadonlySet<string> = new Set<ErrorCode>(['engine_crashed', 'inference_timeout']);

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
  | { readonly type: 'handed_back'; readonly claim: Claim }
  | {
      readonly type: 'attempt_failed';
      readonly claim: Claim;
      readonly error: JobFailure;
      readonly at: string;
    }
  | { readonly type: 'completed'; readonly claim: Claim; readonly result: JobResult; readonly at: string }
  | { readonly type: 'canceled'; readonly at: string }
  | { readonly type: 'expired'; readonly at: string };

export function transition(job: Job, event: JobEvent): Job {
  if (isDone(job)) return job;
  switch (event.type) {
    case 'claimed':
      return job.status === 'processing'
        ? takeOver(job, event.owner, event.at)
        : claim(job, event.owner, event.at);
    case 'canceled':
      return { ...withoutOwner(job), status: 'canceled', completedAt: event.at, phase: 'done' };
    case 'expired':
      return job.status === 'queued'
        ? { ...job, status: 'expired', completedAt: event.at, phase: 'done' }
        : job;
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
    case 'progressed':
      return { ...job, phase: event.phase, progress: Math.max(job.progress, event.progress) };
    case 'handed_back':
      return requeued({ ...job, handBacks: job.handBacks + 1 });
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
  const crashes = job.crashes + 1;
  if (crashes >= maxCrashes) return crashedTooOften({ ...job, crashes }, at);
  if (spentAttempts(job) >= maxAttempts) return exhausted({ ...job, crashes }, at);
  return claim({ ...job, crashes }, owner, at);
}

function attemptFailed(job: ProcessingJob, error: JobFailure, at: string): Job {
  const crashed = endsTheEngine.has(error.code);
  const noted = { ...job, lastError: error, crashes: job.crashes + (crashed ? 1 : 0) };
  if (crashed && noted.crashes >= maxCrashes) return crashedTooOften(noted, at);
  if (!error.retryable) return failed(noted, error, at);
  return spentAttempts(job) >= maxAttempts ? exhausted(noted, at) : requeued(noted);
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

function requeued(job: ProcessingJob): Job {
  const { owner: _owner, startedAt: _startedAt, ...rest } = job;
  return { ...rest, status: 'queued', phase: 'queued', progress: 0 };
}

function withoutOwner(job: Job): Omit<Job, 'owner'> {
  if (job.status !== 'processing') return job;
  const { owner: _owner, ...rest } = job;
  return rest;
}

function failure(code: ErrorCode, message: string): JobFailure {
  return { code, message, retryable: errorCatalogue[code].retryable };
}
