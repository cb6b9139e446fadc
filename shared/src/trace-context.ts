// W3C Trace Context: the one line that ties an HTTP request, its queue message and the worker's log together.
// https://www.w3.org/TR/trace-context/#traceparent-header
import { randomBytes } from 'node:crypto';

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Two digits; the lowest bit says whether the trace is kept. */
  readonly flags: string;
}

/** @returns undefined for one that is missing or malformed. */
export function parseTraceparent(traceparent: string | null | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = pattern.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, flags };
}

/** The caller's trace with a span of our own, or a new trace where the header is missing or malformed. */
export function continueTrace(traceparent: string | null | undefined): string {
  const { traceId, flags = '01' } = parseTraceparent(traceparent) ?? {};
  return `00-${traceId ?? randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-${flags}`;
}

/** The id that all spans of one trace share. */
export function traceIdOf(traceparent: string): string {
  return parseTraceparent(traceparent)?.traceId ?? '';
}
