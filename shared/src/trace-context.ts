// W3C Trace Context: the one line that ties an HTTP request, its queue message and the worker's log together.
// https://www.w3.org/TR/trace-context/#traceparent-header
import { randomBytes } from 'node:crypto';

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The caller's trace with a span of our own, or a new trace where the header is missing or malformed. */
export function continueTrace(traceparent: string | null | undefined): string {
  const [, traceId, flags] = pattern.exec(traceparent ?? '') ?? [];
  return `00-${traceId ?? randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-${flags ?? '01'}`;
}

/** The id that all spans of one trace share. */
export function traceIdOf(traceparent: string): string {
  return pattern.exec(traceparent)?.[1] ?? '';
}
