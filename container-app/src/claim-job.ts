// From a message to the right to work on its job, or to what else is to be done with the message.
import { randomUUID } from 'node:crypto';
import {
  type Claim,
  errorCatalogue,
  holds,
  isDone,
  isNewerFormat,
  type Job,
  JobError,
  type JobStore,
  jobMessageSchema,
  maxAttempts,
  type ProcessingJob,
  type ReceivedMessage,
  transition,
} from '@impasto/shared';

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly job: ProcessingJob; readonly claim: Claim }
  /** The job has ended, before or just now because it had crashed too often: the message has no more to say. */
  | { readonly kind: 'ended'; readonly job: Job }
  /** Another worker is at it and was alive a moment ago: the message is for later. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  /** `newer`: written by a later version of this code. */
  | { readonly kind: 'no_message' | 'no_record' | 'unreadable' | 'newer' };

/**
 * Deliveries that led to no attempt, after which a job is taken to kill whoever reads its message. Far above what lost
 * answers and returned messages add up to: the queue's count of deliveries is no count of attempts.
 */
const maxFruitlessDeliveries = 10 * maxAttempts;

/**
 * Counts the attempt in the record before anything is touched: a crash right after this is then known as one.
 * @param leaseSeconds how long an owner may be silent before its job may be taken over.
 */
export async function claimJob(
  jobs: JobStore,
  message: Pick<ReceivedMessage, 'text' | 'deliveries'>,
  leaseSeconds: number,
): Promise<ClaimOutcome> {
  const jobId = jobIdOf(message.text);
  if (typeof jobId !== 'string') return jobId;
  const owner = randomUUID();
  let silentSeconds = 0;
  const job = await jobs
    .update(jobId, (current, ageSeconds) => {
      silentSeconds = ageSeconds;
      if (current.status === 'processing' && ageSeconds < leaseSeconds) return current;
      return claimedOrEnded(current, message.deliveries, owner);
    })
    .catch(kindOfFailure);
  if (typeof job === 'string') return { kind: job };
  if (isDone(job)) return { kind: 'ended', job };
  const claim = { owner, attempt: job.attempt };
  if (holds(job, claim)) return { kind: 'claimed', job, claim };
  return { kind: 'busy', retryAfterSeconds: Math.max(1, Math.ceil(leaseSeconds - silentSeconds)) };
}

function jobIdOf(text: string): string | { readonly kind: 'no_message' | 'newer' } {
  try {
    const value: unknown = JSON.parse(text);
    return isNewerFormat(value) ? { kind: 'newer' } : jobMessageSchema.parse(value).job_id;
  } catch {
    return { kind: 'no_message' };
  }
}

function claimedOrEnded(job: Job, deliveries: number, owner: string): Job {
  const now = new Date();
  const at = now.toISOString();
  // The deadline is hours away and was set by another machine's clock: minutes between the two do not matter.
  if (job.expiresAt !== undefined && now > new Date(job.expiresAt)) {
    const expired = transition(job, { type: 'expired', at });
    if (isDone(expired)) return expired;
  }
  if (deliveries - job.attempt > maxFruitlessDeliveries) {
    const message = `The message was handed out ${deliveries} times and only ${job.attempt} attempts were begun`;
    const error = { code: 'worker_crashed', message, retryable: errorCatalogue.worker_crashed.retryable };
    const ended = transition(job, { type: 'given_up', error, at });
    if (isDone(ended)) return ended;
  }
  return transition(job, { type: 'claimed', owner, at });
}

function kindOfFailure(error: unknown): 'no_record' | 'unreadable' | 'newer' {
  if (error instanceof JobError && error.code === 'job_not_found') return 'no_record';
  if (error instanceof JobError && error.code === 'record_unreadable') return 'unreadable';
  if (error instanceof JobError && error.code === 'newer_version') return 'newer';
  throw error;
}
