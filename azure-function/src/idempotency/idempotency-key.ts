// The Idempotency-Key of a request, the name under which it is kept, and what tells one request from another.
import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { JobError, limits } from '@impasto/shared';

const visibleAscii = /^[\x21-\x7e]+$/;

/**
 * @returns undefined where the request has none.
 * @throws JobError `idempotency_key_invalid`. Its message does not hold the key.
 */
export function idempotencyKeyOf(request: Pick<HttpRequest, 'headers'>): string | undefined {
  const key = request.headers.get('idempotency-key');
  if (key === null) return undefined;
  const most = limits.maxIdempotencyKeyCharacters;
  if (key.length <= most && visibleAscii.test(key)) return key;
  const received = visibleAscii.test(key) || key === '' ? `${key.length} characters` : 'others';
  throw new JobError(
    'idempotency_key_invalid',
    `Expected 1 to ${most} visible ASCII characters for the Idempotency-Key, received ${received}`,
  );
}

/** @param owner whose key it is; empty while there is only one. Two owners never share a name. */
export function idempotencyName(owner: string, key: string): string {
  return sha256(JSON.stringify([owner, key]));
}

/**
 * SHA-256 of a request in its canonical form: the same whatever the order of the fields.
 * @param request as it was understood, defaults and all, with hashes in the place of images.
 */
export function fingerprintOf(request: unknown): string {
  return sha256(JSON.stringify(['v1', request], inOrder));
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
