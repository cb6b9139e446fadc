// Bodies as JSON: what a request has to say of its body, how large that may be, and how it is read.
import type { HttpRequest } from '@azure/functions';
import { JobError, limits } from '@impasto/shared';
import { assertFewParts } from './json-cost.ts';
import { nextTurn } from './large-bodies.ts';

export function assertJson(request: HttpRequest): void {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    const received = type ? JSON.stringify(type.slice(0, 80)) : 'none';
    throw new JobError(
      'unsupported_media_type',
      `Expected Content-Type application/json, received ${received}`,
    );
  }
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new JobError(
      'unsupported_encoding',
      `Expected a body without Content-Encoding, received ${encoding.slice(0, 40)}`,
    );
  }
}

/** Room for some mistakes beside the fields that there are. */
const mostFields = 50;

/** @throws JobError `body_too_large`. */
export function assertBodySize(bytes: number): void {
  if (bytes <= limits.maxBodyBytes) return;
  throw new JobError(
    'body_too_large',
    `Expected a body of at most ${limits.maxBodyBytes} bytes, received ${bytes}`,
  );
}

/** @throws JobError `invalid_json`, `body_too_large`, or `invalid_body` where parsing it would take gigabytes. */
export async function parseJson(body: Uint8Array): Promise<unknown> {
  assertBodySize(body.byteLength);
  await assertFewParts(body);
  await nextTurn();
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    await nextTurn();
    return JSON.parse(text);
  } catch (error) {
    const detail = body.byteLength === 0 ? 'an empty body' : 'something else';
    throw new JobError('invalid_json', `Expected one JSON object in UTF-8 as the body, received ${detail}`, {
      cause: error,
    });
  }
}

// Thousands of fields fit into a body, and naming each as unknown helps nobody.
export function assertFieldCount(value: unknown): void {
  let fields = 0;
  for (const _field in Object(value)) {
    fields += 1;
    if (fields > mostFields)
      throw new JobError('invalid_body', `Expected at most ${mostFields} fields, received more`);
  }
}
