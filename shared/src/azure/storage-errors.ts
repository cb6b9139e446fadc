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

/** What was asked for is not there. A container or queue that is missing says nothing of what would be in it. */
export function isNotFound(thrown: unknown): boolean {
  return statusOf(thrown) === 404 && !(codeOf(thrown) in missingPlaces);
}

const missingPlaces = { ContainerNotFound: true, QueueNotFound: true, ResourceNotFound: true };

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

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

/**
 * Gives a failed storage call its code; what the caller aborted stays an abort. Requests that the service will never
 * take are our mistake, and waiting does not help; missing rights and places are an operator's, and it does.
 */
export function toStorageError(thrown: unknown, what: string, { signal }: CallOptions): unknown {
  if (thrown instanceof JobError || signal?.aborted) return thrown;
  const code = isRefusedForGood(thrown) ? 'internal_error' : 'storage_unavailable';
  return new JobError(code, `${what} failed: ${firstLine(messageOf(thrown))}`, { cause: thrown });
}

const mendable: ReadonlySet<number> = new Set([401, 403, 404, 408, 409, 412, 429]);

function isRefusedForGood(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status !== undefined && status >= 400 && status < 500 && !mendable.has(status) && !isDamaged(thrown);
}

/** What arrived is not what was sent: the next time it may. */
function isDamaged(thrown: unknown): boolean {
  return codeOf(thrown) === 'Md5Mismatch';
}

// The SDK appends headers and body of the answer to its message; they belong in no log line.
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

/** Seconds between two readings of the storage's own clock: two machines' clocks are never compared. */
export function secondsBetween(earlier: Date | undefined, later: Date | undefined): number {
  return earlier && later ? Math.max(0, (later.getTime() - earlier.getTime()) / 1000) : 0;
}
