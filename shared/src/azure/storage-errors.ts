// What the storage service's errors mean to us.
import { JobError, messageOf } from '../errors.ts';
import type { CallOptions } from '../ports.ts';

/** HTTP status of an error from the Azure SDK, where it has one. */
export function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number') {
    return thrown.statusCode;
  }
  return undefined;
}

export const isNotFound = (thrown: unknown): boolean => statusOf(thrown) === 404;

/** A condition (If-Match, If-None-Match) did not hold. The service says 409 or 412, the emulator likewise. */
export function isConflict(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status === 409 || status === 412;
}

/** The request may have been carried out although we never heard so: no answer came, or a 5xx. */
export function isUncertain(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status === undefined || status === 408 || status >= 500;
}

/** Gives a failed storage call its code; what the caller aborted stays an abort. */
export function toStorageError(thrown: unknown, what: string, { signal }: CallOptions): unknown {
  if (thrown instanceof JobError || signal?.aborted) return thrown;
  return new JobError('storage_unavailable', `${what} failed: ${firstLine(messageOf(thrown))}`, {
    cause: thrown,
  });
}

// The SDK appends headers and body of the answer to its message; they belong in no log line.
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

/** Seconds between two readings of the storage's own clock: two machines' clocks are never compared. */
export function secondsBetween(earlier: Date | undefined, later: Date | undefined): number {
  return earlier && later ? Math.max(0, (later.getTime() - earlier.getTime()) / 1000) : 0;
}
