// How long a call to the storage may take in all. The SDK has no limit of its own: its `tryTimeoutInMs` only asks the
// service to be quick, and a connection that takes a request and never answers would hold its caller for ever.
import type { CallOptions } from '../ports.ts';

/** Records, messages, reports: a few kilobytes. */
const shortCallSeconds = 10;
/** A picture of tens of megabytes over a slow line, or a listing of many pages. */
export const longCallSeconds = 60;

/** Options for an SDK call, the SDK's tries and pauses included: the caller's signal, and the time limit. */
export function limited({ signal }: CallOptions, seconds = shortCallSeconds): { abortSignal: AbortSignal } {
  const limit = AbortSignal.timeout(seconds * 1000);
  return { abortSignal: signal ? AbortSignal.any([signal, limit]) : limit };
}
