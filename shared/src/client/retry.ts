// When to try again and how long to pause: Retry-After first, else exponential backoff with jitter.
import { StyleTransferError } from './error.ts';

/** Longer pauses are cut to this: timers overflow at 2^31 ms and would fire at once. */
const longestPauseSeconds = 24 * 3600;
const firstBackoffSeconds = 0.5;
const longestBackoffSeconds = 30;
const maxTries = 8;

/**
 * Pause before the next try. `failures` counts from 1, `random` is 0..1. What the service asks for is the least;
 * jitter only ever adds to it.
 */
export function pauseSeconds(failures: number, askedSeconds: number | undefined, random: number): number {
  const backoff = Math.min(firstBackoffSeconds * 2 ** (failures - 1), longestBackoffSeconds);
  return Math.max((askedSeconds ?? 0) * (1 + random / 10), backoff * (0.5 + random / 2));
}

/** Resolves after so many seconds, or as soon as the signal is aborted; it never rejects. */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.min(seconds, longestPauseSeconds) * 1000);
    signal?.addEventListener('abort', wake);
  });
}

export interface RetryNotice {
  readonly error: StyleTransferError;
  readonly pauseSeconds: number;
}

interface RetryPolicy {
  readonly mayRetry: (error: StyleTransferError) => boolean;
  /** Total of all pauses; a longer one that the service asks for ends the tries at once. */
  readonly budgetSeconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** Tries until it succeeds, the error forbids another try, or the budget or the number of tries is spent. */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  let spentSeconds = 0;
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof StyleTransferError) || !policy.mayRetry(thrown)) throw thrown;
      const pause = pauseSeconds(failures, thrown.retryAfterSeconds, Math.random());
      spentSeconds += pause;
      if (failures >= maxTries || spentSeconds > policy.budgetSeconds) throw thrown;
      policy.onRetry?.({ error: thrown, pauseSeconds: pause });
      await sleep(pause, policy.signal);
    }
  }
}

/**
 * Runs an action under the caller's signal and a time limit. When the limit ends it, `onExpired` makes the error;
 * when the caller's signal does, the action's own error passes.
 */
export async function withDeadline<T>(
  seconds: number,
  signal: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
  onExpired: (cause: unknown) => Error,
): Promise<T> {
  const controller = new AbortController();
  let expired = false;
  const expire = () => {
    expired = true;
    controller.abort();
  };
  const forward = () => controller.abort(signal?.reason);
  const timer = setTimeout(expire, Math.min(seconds, longestPauseSeconds) * 1000);
  if (signal?.aborted) forward();
  signal?.addEventListener('abort', forward);
  try {
    return await action(controller.signal);
  } catch (thrown) {
    throw expired && !signal?.aborted ? onExpired(thrown) : thrown;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', forward);
  }
}
