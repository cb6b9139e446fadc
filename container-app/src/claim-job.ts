// From a message to the right to work on its job, or to what else is to be done with the message.
import { randomUUID } from 'node:crypto';
import {
  type Claim,
  holds,
  isDone,
  isNewerFormat,
  isOverdue,
  type Job,
  JobError,
  type JobStore,
  jobMessageSchema,
  type ProcessingJob,
  type ReceivedMessage,
  transition,
} from '@impasto/shared';
import type { OutageMemory } from './outage-memory.ts';
import { patiently } from './patiently.ts';

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly job: ProcessingJob; readonly claim: Claim }
  /** The job has ended: the message has no more to say. `endedHere`: by this claim, which came too late. */
  | { readonly kind: 'ended'; readonly job: Job; readonly endedHere: boolean }
  /** Another worker is at it and was alive a moment ago: the message is for later. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number }
  /** `removed`: there was such a job. `newer`: written by a later version of this code. */
  | { readonly kind: 'no_message' | 'no_record' | 'removed' | 'unreadable' | 'newer' };

interface ClaimOptions {
  /** How long an owner may be silent before its job may be taken over. */
  readonly leaseSeconds: number;
  /** Since when the storage has answered this worker: nobody's silence counts that began before. */
  readonly outages: OutageMemory;
  /** Ends the waiting for a storage that is out. */
  readonly signal: AbortSignal;
}

/**
 * Counts the attempt in the record before anything is touched: a crash right after this is then known as one.
 * @throws JobError `storage_unavailable` when the storage is out for longer than the lease of the message.
 */
export async function claimJob(
  jobs: JobStore,
  message: Pick<ReceivedMessage, 'text'>,
  { leaseSeconds, outages, signal }: ClaimOptions,
): Promise<ClaimOutcome> {
  const jobId = jobIdOf(message.text);
  if (typeof jobId !== 'string') return jobId;
  const owner = randomUUID();
  let waitSeconds = 0;
  let endedHere = false;
  const claim = () =>
    jobs.update(jobId, (current, ageSeconds) => {
      if (current.status === 'processing') {
        // An answer that got lost, with that of reading it back: the claim stands.
        if (current.owner === owner) return current;
        waitSeconds = leaseSeconds - Math.min(ageSeconds, outages.secondsSinceLast());
        if (waitSeconds > 0) return current;
      }
      const next = claimedOrExpired(current, owner);
      endedHere ||= next !== current && isDone(next);
      return next;
    });
  const job = await patiently(leaseSeconds, signal, claim, outages.note).catch(kindOfFailure);
  if (typeof job === 'string') return { kind: job };
  if (isDone(job)) return { kind: 'ended', job, endedHere };
  const mine = { owner, attempt: job.attempt };
  if (holds(job, mine)) return { kind: 'claimed', job, claim: mine };
  return { kind: 'busy', retryAfterSeconds: Math.min(leaseSeconds, Math.max(1, Math.ceil(waitSeconds))) };
}

function jobIdOf(text: string): string | { readonly kind: 'no_message' | 'newer' } {
  try {
    const value: unknown = JSON.parse(text);
    return isNewerFormat(value) ? { kind: 'newer' } : jobMessageSchema.parse(value).job_id;
  } catch {
    return { kind: 'no_message' };
  }
}

function claimedOrExpired(job: Job, owner: string): Job {
  const now = new Date();
  const at = now.toISOString();
  if (isOverdue(job, now)) {
    const expired = transition(job, { type: 'expired', at });
    if (isDone(expired)) return expired;
  }
  return transition(job, { type: 'claimed', owner, at });
}

function kindOfFailure(error: unknown): 'no_record' | 'removed' | 'unreadable' | 'newer' {
  if (error instanceof JobError && error.code === 'job_gone') return 'removed';
  if (error instanceof JobError && error.code === 'job_not_found') return 'no_record';
  if (error instanceof JobError && error.code === 'record_unreadable') return 'unreadable';
  if (error instanceof JobError && error.code === 'newer_version') return 'newer';
  throw error;
}
