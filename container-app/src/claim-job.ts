// From a message to the right to work on its job, or to what else is to be done with the message.
import { randomUUID } from 'node:crypto';
import {
  type Claim,
  holds,
  isDone,
  type Job,
  JobError,
  type JobStore,
  jobMessageSchema,
  type ProcessingJob,
  transition,
} from '@impasto/shared';

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly job: ProcessingJob; readonly claim: Claim }
  /** The job has ended, before or just now because it had crashed too often: the message has no more to say. */
  | { readonly kind: 'ended'; readonly job: Job }
  /** Another worker is at it and was alive a moment ago: the message is for later. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  | { readonly kind: 'no_record' | 'unreadable' };

/** The id of the job that a message is about, or undefined where the text is no message of ours. */
export function jobIdOf(text: string): string | undefined {
  try {
    return jobMessageSchema.parse(JSON.parse(text)).job_id;
  } catch {
    return undefined;
  }
}

/**
 * Counts the attempt in the record before anything is touched: a crash right after this is then known as one.
 * @param leaseSeconds how long an owner may be silent before its job may be taken over.
 */
export async function claimJob(jobs: JobStore, jobId: string, leaseSeconds: number): Promise<ClaimOutcome> {
  const owner = randomUUID();
  let silentSeconds = 0;
  const job = await jobs
    .update(jobId, (current, ageSeconds) => {
      silentSeconds = ageSeconds;
      if (current.status === 'processing' && ageSeconds < leaseSeconds) return current;
      return transition(current, { type: 'claimed', owner, at: new Date().toISOString() });
    })
    .catch(kindOfFailure);
  if (typeof job === 'string') return { kind: job };
  if (isDone(job)) return { kind: 'ended', job };
  const claim = { owner, attempt: job.attempt };
  if (holds(job, claim)) return { kind: 'claimed', job, claim };
  return { kind: 'busy', retryAfterSeconds: Math.max(1, Math.ceil(leaseSeconds - silentSeconds)) };
}

function kindOfFailure(error: unknown): 'no_record' | 'unreadable' {
  if (error instanceof JobError && error.code === 'job_not_found') return 'no_record';
  if (error instanceof JobError && error.code === 'record_unreadable') return 'unreadable';
  throw error;
}
