// What the methods of the clients have in common: ids that are checked, queries, and answers of a known shape.
import { type ZodType, z } from 'zod';
import { readJson, type ServiceRequest } from './answer.ts';
import { StyleTransferError } from './error.ts';
import { send, type TransportSettings } from './transport.ts';

/** @param what what is expected, for the message. @throws StyleTransferError */
export async function ask<T>(
  settings: TransportSettings,
  schema: ZodType<T>,
  what: string,
  request: ServiceRequest,
): Promise<T> {
  return readJson(schema, what, request, await send(settings, request));
}

/** @param name the parameter that the message names. @throws StyleTransferError `invalid_argument`. */
export function checkedId(id: string, name: 'jobId' | 'batchId'): string {
  if (z.uuid().safeParse(id).success) return id;
  throw new StyleTransferError('invalid_argument', `Expected a UUID for ${name}, received "${id}".`);
}

/** With its question mark; empty where nothing is given. A list becomes a parameter that is repeated. */
export function queryText(values: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of [value].flat()) if (one !== undefined) query.append(name, String(one));
  }
  return query.size === 0 ? '' : `?${query}`;
}

/** @throws StyleTransferError `invalid_argument`. */
export function checkedDeliveryId(id: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(id)) return id;
  const expected = 'letters, digits, dots, dashes and underscores';
  throw new StyleTransferError('invalid_argument', `Expected ${expected} for deliveryId, received "${id}".`);
}

/** What is gone already need not be removed: so much the repetition of a request whose answer was lost has to know. */
export async function remove(
  settings: TransportSettings,
  request: Omit<ServiceRequest, 'method'>,
): Promise<void> {
  try {
    await send(settings, { ...request, method: 'DELETE' });
  } catch (thrown) {
    if (!(thrown instanceof StyleTransferError) || thrown.status !== 410) throw thrown;
  }
}
