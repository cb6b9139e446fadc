// How long a call to the storage may take in all. The SDK has no limit of its own: its `tryTimeoutInMs` only asks the
// service to be quick, and a connection that takes a request and never answers would hold its caller for ever.
import type { CallOptions } from '../ports.ts';

/** Records, messages, reports: a few kilobytes. */
const shortCallSeconds = 10;
/** A picture of tens of megabytes over a slow line, or a listing of many pages. */
export const longCallSeconds = 60;

/**
 * A combined signal keeps its sources only weakly, and a time limit that nobody else holds can be collected before its
 * time has come (nodejs/node#62367): each lives as long as what it is part of.
 */
const heldBy = new WeakMap<AbortSignal, AbortSignal>();

/** Aborts with the caller's signal, or when the time is over. */
export function timeLimit(seconds: number, signal?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(Math.round(seconds * 1000));
  if (!signal) return limit;
  const either = AbortSignal.any([signal, limit]);
  heldBy.set(either, limit);
  return either;
}

/** Options for an SDK call, the SDK's tries and pauses included: the caller's signal, and the time limit. */
export function limited({ signal }: CallOptions, seconds = shortCallSeconds): { abortSignal: AbortSignal } {
  return { abortSignal: timeLimit(seconds, signal) };
}
