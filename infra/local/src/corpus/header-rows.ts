// The corpus, row A75: an Idempotency-Key that is none.
import { jobWith } from './pictures.ts';
import { head, post, type RawRequest } from './raw-http.ts';
import type { Row } from './row.ts';

/** An empty value, which `post` would take away. */
const emptyKey = (): RawRequest => {
  const body = jobWith();
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
  return [head('POST /api/style-transfer', { ...headers, 'Idempotency-Key': '' }), body];
};
const withKey = (key: string, body = jobWith()) => post(body, { 'Idempotency-Key': key });
const invalid = { status: 400, code: 'idempotency_key_invalid' };

export const headerRows: readonly Row[] = [
  {
    id: 'A75',
    what: 'an empty Idempotency-Key',
    request: emptyKey,
    ...invalid,
    says: /received 0 characters/,
  },
  { id: 'A75b', what: 'one of 256 characters', request: withKey('x'.repeat(256)), ...invalid, says: /256/ },
  { id: 'A75c', what: 'one with a tab in it', request: withKey('a\tb'), ...invalid },
  { id: 'A75d', what: 'one with a blank in it', request: withKey('a b'), ...invalid },
  { id: 'A75e', what: 'one that is not ASCII', request: withKey('caf\u00e9'), ...invalid },
  {
    id: 'A75f',
    what: 'a key with a control character',
    request: withKey('a\x01b'),
    status: 400,
    code: 'bad_request',
  },
  { id: 'A75g', what: 'no key before a body that is none', request: withKey('a b', '{'), ...invalid },
];
