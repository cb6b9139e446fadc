// A delivery as a pure value: how it begins, what an attempt makes of it, and which message its next attempt needs.
import {
  type DeliveryAttempt,
  type DeliveryRecord,
  formatVersion,
  type Job,
  type Notice,
  noticeFor,
} from '@impasto/shared';
import type { NextStep } from './retry-schedule.ts';
import { payloadText } from './webhook-payload.ts';

/** Of older attempts only the effect is kept. */
const keptAttempts = 30;
/** An attempt that is due so soon, or was so lately, is about to be made. */
const soonSeconds = 5;
const latelySeconds = 30;

/** The delivery that is due for the state that the job is in now, where its receiver wants to know. */
export function beginDelivery(job: Job, now: Date): DeliveryRecord | undefined {
  const notice = noticeFor(job);
  const at = enteredAt(job);
  if (!notice || !job.webhook || at === undefined) return undefined;
  return {
    jobId: job.jobId,
    deliveryId: notice.delivery_id,
    event: notice.event,
    at,
    state: 'pending',
    attempts: [],
    round: notice.round,
    triesInRound: notice.attempt,
    nextAttemptAt: now.toISOString(),
    body: payloadText(job, job.webhook, notice.event, at),
  };
}

function enteredAt(job: Job): string | undefined {
  if ('completedAt' in job) return job.completedAt;
  return job.status === 'processing' ? job.startedAt : undefined;
}

/** By which a receiver knows a delivery that comes again: the same for all attempts of all rounds. */
export function webhookIdOf({ jobId, deliveryId }: Pick<DeliveryRecord, 'jobId' | 'deliveryId'>): string {
  return `${jobId}.${deliveryId}`;
}

/** The message for the attempt that comes next. */
export function nextNotice({ jobId, deliveryId, event, round, triesInRound }: DeliveryRecord): Notice {
  const which = { event, delivery_id: deliveryId, round, attempt: triesInRound };
  return { v: formatVersion, job_id: jobId, ...which };
}

export function afterTry(
  delivery: DeliveryRecord,
  attempt: DeliveryAttempt,
  next: NextStep,
  now: Date,
): DeliveryRecord {
  const { nextAttemptAt: _past, ...rest } = delivery;
  const tried = {
    ...rest,
    attempts: [...delivery.attempts, attempt].slice(-keptAttempts),
    triesInRound: delivery.triesInRound + 1,
  };
  if (next.step === 'retry') return { ...tried, nextAttemptAt: secondsAfter(now, next.delaySeconds) };
  return { ...tried, state: next.step === 'exhausted' ? 'failed' : next.step };
}

/** All attempts anew: messages of the round before count no more. */
export function nextRound(delivery: DeliveryRecord, now: Date): DeliveryRecord {
  const round = delivery.round + 1;
  return { ...delivery, state: 'pending', round, triesInRound: 0, nextAttemptAt: now.toISOString() };
}

/** Nothing more is sent. */
export function closed(delivery: DeliveryRecord, state: 'failed' | 'disabled'): DeliveryRecord {
  const { nextAttemptAt: _never, ...rest } = delivery;
  return { ...rest, state };
}

/** Whether an attempt is being made, or about to be. */
export function isUnderWay({ state, nextAttemptAt, at }: DeliveryRecord, now: Date): boolean {
  if (state !== 'pending') return false;
  const seconds = (Date.parse(nextAttemptAt ?? at) - now.getTime()) / 1000;
  return seconds <= soonSeconds && seconds >= -latelySeconds;
}

export function secondsAfter(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}
