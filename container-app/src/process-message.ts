// One message, from receipt to its last word: what it is about, and whether the job may be worked on.
import {
  type BadMessageReason,
  type DeadLetterStore,
  type ImageStore,
  type JobStore,
  type Logger,
  type ReceivedMessage,
  recordBadMessage,
  recordFailedJob,
} from '@impasto/shared';
import { beginAttempt } from './attempt.ts';
import { claimJob } from './claim-job.ts';
import type { Engine } from './engine/engine.ts';
import type { OutageMemory } from './outage-memory.ts';
import { type JobOutcome, processJob } from './process-job.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly deadLetters: DeadLetterStore;
  readonly engine: Engine;
  readonly leaseSeconds: number;
  /** How long a job is held on to while the storage is out. */
  readonly patienceSeconds: number;
  readonly outages: OutageMemory;
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
      case 'newer':
        await message.setVisibility(laterSeconds);
        return { outcome: 'newer' };
      case 'busy':
        await message.setVisibility(claimed.retryAfterSeconds);
        return { outcome: 'left' };
      case 'ended':
        await recordFailedJob(deps.deadLetters, claimed.job);
        await message.remove();
        return { outcome: claimed.job.status === 'failed' ? 'failed' : 'dropped' };
      case 'claimed':
        return await processJob(deps, beginAttempt(deps, message, claimed, handBack), handBack);
    }
  };
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
