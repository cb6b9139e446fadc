// Load that comes at its own pace, whether or not the service keeps up: a slow answer does not delay the next call.
import { setTimeout as delay } from 'node:timers/promises';

interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/**
 * Calls `fire` at fixed times with the number of the call, from 0, and the moment at which it was due, on the clock of
 * `performance.now()`. Resolves when the last one has: with all that came back, in the order in which they were due.
 */
export async function atPace<T>(
  { perSecond, seconds, signal }: Pace,
  fire: (index: number, dueMs: number) => Promise<T>,
): Promise<T[]> {
  const startedMs = performance.now();
  const fired: Promise<T>[] = [];
  const count = Math.max(1, Math.round(perSecond * seconds));
  for (let index = 0; index < count; index += 1) {
    const dueMs = startedMs + (1000 * index) / perSecond;
    const pauseMs = dueMs - performance.now();
    if (pauseMs > 0) await delay(pauseMs, undefined, { signal });
    signal.throwIfAborted();
    fired.push(fire(index, dueMs));
  }
  return await Promise.all(fired);
}
