// What follows an attempt to deliver a webhook: the schedule of Standard Webhooks 1.0.0.
import type { WebhookOutcome } from './send-webhook.ts';

const minute = 60;
const hour = 60 * minute;

/** Seconds to wait before each attempt, the first at once. */
const delaysSeconds = [0, 5, 5 * minute, ...[0.5, 2, 5, 10, 14, 20, 24].map((hours) => hours * hour)];

export const maxWebhookAttempts = delaysSeconds.length;

/** A receiver may ask for more patience, but not for ever. */
const longestAskedSeconds = 24 * hour;

/** So much may be added to a delay, so that receivers that failed together are not called together. */
const jitter = 0.1;

/** From the first attempt of a round to the last, where the receiver asks for no more patience than the schedule has. */
export const longestRoundSeconds = delaysSeconds.reduce((sum, delay) => sum + delay, 0) * (1 + jitter);

export type NextStep =
  | { readonly step: 'delivered' }
  /** The receiver wants no more of these (410). */
  | { readonly step: 'disabled' }
  | { readonly step: 'exhausted' }
  | { readonly step: 'retry'; readonly delaySeconds: number };

/**
 * @param attempt which attempt it was, from 1.
 * @param random 0 up to 1.
 * @returns for `retry` the whole seconds until the next attempt: never less than the schedule has, nor less than the
 *   receiver asked for, up to a day; at most a tenth more, and so at most 95,040.
 */
export function afterAttempt(
  attempt: number,
  outcome: Pick<WebhookOutcome, 'kind' | 'httpStatus' | 'retryAfterSeconds'>,
  random: number = Math.random(),
): NextStep {
  if (outcome.kind === 'delivered') return { step: 'delivered' };
  if (outcome.httpStatus === 410) return { step: 'disabled' };
  const scheduledSeconds = delaysSeconds[attempt];
  if (scheduledSeconds === undefined) return { step: 'exhausted' };
  const askedSeconds = Math.min(outcome.retryAfterSeconds ?? 0, longestAskedSeconds);
  const leastSeconds = Math.max(scheduledSeconds, askedSeconds);
  return { step: 'retry', delaySeconds: Math.ceil(leastSeconds * (1 + jitter * random)) };
}
