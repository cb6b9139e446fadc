// One message, from receipt to its last word: what it is about, and whether the job may be worked on.
import {
  announce,
  type BadMessageReason,
  type DeadLetterStore,
  type ImageStore,
  type Job,
  type JobQueue,
  type JobStore,
  jobMessageSchema,
  type Logger,
  messageOf,
  type ReceivedMessage,
  recordBadMessage,
  recordFailedJob,
} from '@impasto/shared';
import { currentSpan, inSpan, messaging } from '@impasto/shared/telemetry';
import { beginAttempt } from './attempt.ts';
import { type ClaimOutcome, claimJob } from './claim-job.ts';
import type { Engine } from './engine/engine.ts';
import type { OutageMemory } from './outage-memory.ts';
import { type JobOutcome, processJob } from './process-job.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
  /** Messages about what receivers are to be told. */
  readonly notices: JobQueue;
  readonly engine: Engine;
  readonly leaseSeconds: number;
  /** How long a job is held on to while the storage is out. */
  readonly patienceSeconds: number;
  readonly outages: OutageMemory;
  /** Told of each job that ended here. */
  readonly onEnded?: (job: Job) => void;
  readonly log: Logger;
}

export interface MessageOutcome {
  /** `newer`: left for a later version of this code. */
  readonly outcome: JobOutcome['outcome'] | 'left' | 'dropped' | 'newer';
  /** Seconds from claim to commit, of a completed job. */
  readonly seconds?: number;
}

/** @param handBack aborts when a running job has to be given back because the worker must stop. */
export type ProcessMessage = (message: ReceivedMessage, handBack: AbortSignal) => Promise<MessageOutcome>;

/** A message whose record is not there yet may only be early; one that stays without a record this long is not. */
const recordMissingSeconds = 600;
/** How long a message that this worker cannot deal with yet is kept from others. */
const laterSeconds = 30;

export function makeProcessMessage(deps: Dependencies): ProcessMessage {
  const handle = makeHandle(deps);
  return (message, handBack) => {
    const attributes = {
      ...messaging,
      'messaging.operation.type': 'process',
      'impasto.message.deliveries': message.deliveries,
      'impasto.job.queue_wait_seconds': message.ageSeconds,
    };
    const parent = traceparentIn(message.text);
    return inSpan('process style-jobs', { kind: 'consumer', parent, attributes }, async (span) => {
      const outcome = await handle(message, handBack);
      span.setAttribute('impasto.job.outcome', outcome.outcome);
      return outcome;
    });
  };
}

/** Of a message of whatever kind: what is wrong with it is found out later. */
function traceparentIn(text: string): string | undefined {
  try {
    return jobMessageSchema.parse(JSON.parse(text)).traceparent;
  } catch {
    return undefined;
  }
}

function makeHandle(deps: Dependencies): ProcessMessage {
  return async (message, handBack) => {
    const { jobs, leaseSeconds, outages } = deps;
    const claimed = await claimJob(jobs, message, { leaseSeconds, outages, signal: handBack });
    switch (claimed.kind) {
      case 'no_message':
        return dropMessage(deps, message, 'bad_message');
      case 'no_record':
        return recordIsMissing(deps, message);
      case 'unreadable':
        return dropMessage(deps, message, 'record_unreadable');
      case 'removed':
        deps.log.info('message.dropped', { reason: 'job_gone' });
        await message.remove();
        return { outcome: 'dropped' };
      case 'newer':
        await message.setVisibility(laterSeconds);
        return { outcome: 'newer' };
      case 'busy':
        await message.setVisibility(claimed.retryAfterSeconds);
        return { outcome: 'left' };
      case 'ended':
        await recordFailedJob(deps.deadLetters, claimed.job);
        await message.remove();
        if (claimed.endedHere) await ended(deps, claimed.job, handBack);
        return { outcome: claimed.job.status === 'failed' ? 'failed' : 'dropped' };
      case 'claimed':
        return await workOn(deps, message, claimed, handBack);
    }
  };
}

async function workOn(
  deps: Dependencies,
  message: ReceivedMessage,
  claimed: Extract<ClaimOutcome, { kind: 'claimed' }>,
  handBack: AbortSignal,
): Promise<MessageOutcome> {
  const { jobId, attempt: number } = claimed.job;
  currentSpan()?.setAttributes({ 'impasto.job.id': jobId, 'impasto.job.attempt': number });
  const begun = tell(deps, claimed.job, handBack);
  const attempt = beginAttempt(deps, message, claimed, handBack);
  const { ended: job, ...outcome } = await processJob(deps, attempt, handBack);
  await begun;
  if (job) await ended(deps, job, handBack);
  return outcome;
}

async function ended(deps: Dependencies, job: Job, signal: AbortSignal): Promise<void> {
  deps.onEnded?.(job);
  await tell(deps, job, signal);
}

/**
 * Tells the receiver of a job, where it has one, of the state that the record has now. One try, which nobody's job waits
 * for: what does not get through the sweeper sends again.
 */
async function tell({ notices, log }: Dependencies, job: Job, signal: AbortSignal): Promise<void> {
  try {
    await announce(notices, job, { signal });
  } catch (error) {
    log.warn('notice.not_sent', { jobId: job.jobId, status: job.status, error: messageOf(error) });
  }
}

async function dropMessage(
  deps: Dependencies,
  message: ReceivedMessage,
  reason: BadMessageReason,
): Promise<MessageOutcome> {
  deps.log.error('message.dropped', { reason, text: message.text.slice(0, 200) });
  await recordBadMessage(deps.deadLetters, reason, message.text);
  await message.remove();
  return { outcome: 'dropped' };
}

async function recordIsMissing(deps: Dependencies, message: ReceivedMessage): Promise<MessageOutcome> {
  if (message.ageSeconds > recordMissingSeconds) return dropMessage(deps, message, 'record_missing');
  await message.setVisibility(laterSeconds);
  return { outcome: 'left' };
}
