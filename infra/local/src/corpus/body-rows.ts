// The corpus, rows A1 to A30: what is wrong with a body, its headers or its way through the socket.
import { gzipSync } from 'node:zlib';
import { limits } from '@impasto/shared';
import { jobAnd, jobWith, pngText } from './pictures.ts';
import { get, head, post, type RawRequest } from './raw-http.ts';
import type { Row } from './row.ts';

const deep = (lists: number) => `"x":${'['.repeat(lists)}${']'.repeat(lists)}`;
const json = { 'Content-Type': 'application/json' };
const chunkedHead = head('POST /api/style-transfer', { ...json, 'Transfer-Encoding': 'chunked' });

/** A head that announces so many bytes, and none of them. */
const announcing = (bytes: string) => head('POST /api/style-transfer', { ...json, 'Content-Length': bytes });

const overLimit = (): RawRequest => post(new Uint8Array(limits.maxBodyBytes + 1).fill(0x20));

function chunkedOverLimit(): RawRequest {
  const size = 4 * 1024 * 1024;
  const chunk = Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.alloc(size, 0x20)]);
  const count = Math.ceil(limits.maxBodyBytes / size) + 1;
  return [chunkedHead, ...Array.from({ length: count }, () => [chunk, '\r\n']).flat()];
}

function smuggled(): string {
  const headers = { ...json, 'Content-Length': '4', 'Transfer-Encoding': 'chunked' };
  return `${head('POST /api/style-transfer', headers)}0\r\n\r\nGET /api/health HTTP/1.1\r\nHost: a\r\n\r\n`;
}

const invalidJson = { status: 400, code: 'invalid_json' };
const invalidBody = { status: 422, code: 'invalid_body' };
const unknownField = { status: 422, code: 'unknown_field' };
const tooLarge = { status: 413, code: 'body_too_large' };
const notJson = { status: 415, code: 'unsupported_media_type' };
const compressed = { status: 415, code: 'unsupported_encoding' };
const badRequest = { status: 400, code: 'bad_request' };
const wrongMethod = { status: 405, code: 'method_not_allowed', headers: { allow: 'POST' } };

const malformed: Row[] = [
  { id: 'A1', what: 'an empty body', request: post(''), ...invalidJson, says: /empty/ },
  { id: 'A2', what: 'half a body', request: post('{'), ...invalidJson },
  { id: 'A3', what: 'a trailing comma', request: post(jobAnd('"seed":1,')), ...invalidJson },
  { id: 'A4', what: 'two documents', request: post(jobWith() + jobWith()), ...invalidJson },
  {
    id: 'A5',
    what: 'a raw NUL in a string',
    request: post(jobAnd('"additional_prompt":"\0"')),
    ...invalidJson,
  },
  {
    id: 'A6',
    what: 'bytes that are no UTF-8',
    request: post(Buffer.from(jobAnd('"additional_prompt":"\xff"'), 'latin1')),
    ...invalidJson,
  },
  { id: 'A7', what: 'UTF-16', request: post(Buffer.from(jobWith(), 'utf16le')), ...invalidJson },
  { id: 'A9', what: 'an array', request: post('[]'), ...invalidBody },
  { id: 'A10', what: 'a string', request: post('"x"'), ...invalidBody },
  { id: 'A11', what: 'null', request: post('null'), ...invalidBody },
  {
    id: 'A12',
    what: 'an unknown field 200,000 deep',
    request: post(jobAnd(deep(200_000))),
    ...invalidBody,
  },
  {
    id: 'A12b',
    what: 'an unknown field 15,000 deep',
    request: post(jobAnd(deep(15_000))),
    ...unknownField,
    pointer: '/x',
  },
  {
    id: 'A13',
    what: 'a misspelt field',
    request: post(jobWith({ influense: 1 })),
    ...unknownField,
    pointer: '/influense',
    says: /did you mean influence/,
  },
  {
    id: 'A14',
    what: 'a __proto__ key',
    request: post(jobAnd('"__proto__":{"seed":7}')),
    ...unknownField,
    pointer: '/__proto__',
  },
  {
    id: 'A15',
    what: 'a constructor key',
    request: post(jobAnd('"constructor":{"prototype":{"seed":7}}')),
    ...unknownField,
    pointer: '/constructor',
  },
  {
    id: 'A16b',
    what: 'a field twice, the last one wrong',
    request: post(jobAnd('"influence":0.5,"influence":7')),
    status: 422,
    code: 'out_of_range',
    pointer: '/influence',
  },
];

const transported: Row[] = [
  { id: 'A17', what: 'a body one byte over the limit', request: overLimit, ...tooLarge },
  { id: 'A18', what: '10 GB announced and nothing sent', request: announcing('10000000000'), ...tooLarge },
  {
    id: 'A18b',
    what: 'a length that no number holds',
    request: announcing('9'.repeat(40)),
    ...badRequest,
  },
  { id: 'A18c', what: 'a negative length', request: announcing('-1'), ...badRequest },
  { id: 'A19', what: 'chunks without an end', request: chunkedOverLimit, ...tooLarge },
  {
    id: 'A20',
    what: 'a Content-Length shorter than the body',
    request: post(jobWith(), { 'Content-Length': '40' }),
    ...invalidJson,
  },
  {
    id: 'A20b',
    what: 'bytes that are no request behind one that is refused',
    request: ['POST /api/style-transfer HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n', '{}\0\0'],
    ...notJson,
  },
  { id: 'A22', what: 'Transfer-Encoding beside Content-Length', request: smuggled(), ...badRequest },
  {
    id: 'A22b',
    what: 'two lengths',
    request: `${announcing('2').trimEnd()}\r\nContent-Length: 3\r\n\r\n{}`,
    ...badRequest,
  },
  {
    id: 'A23',
    what: 'gzip',
    request: post(gzipSync(jobWith()), { 'Content-Encoding': 'gzip' }),
    ...compressed,
  },
  {
    id: 'A23b',
    what: 'a gzip bomb',
    request: post(gzipSync(Buffer.alloc(50_000_000, 0x20)), { 'Content-Encoding': 'gzip' }),
    ...compressed,
  },
  { id: 'A24', what: 'text/plain', request: post(jobWith(), { 'Content-Type': 'text/plain' }), ...notJson },
  { id: 'A25', what: 'no type', request: post(jobWith(), { 'Content-Type': '' }), ...notJson },
  {
    id: 'A26',
    what: 'UTF-7',
    request: post(jobWith(), { 'Content-Type': 'application/json; charset=utf-7' }),
    ...notJson,
  },
  { id: 'A27', what: 'GET where POST is meant', request: get('/api/style-transfer'), ...wrongMethod },
  {
    id: 'A27b',
    what: 'PUT where POST is meant',
    request: [head('PUT /api/style-transfer', { ...json, 'Content-Length': '2' }), '{}'],
    ...wrongMethod,
  },
  {
    id: 'A28',
    what: 'an unknown address below /api',
    request: get('/api/nowhere'),
    status: 404,
    code: 'not_found',
  },
  {
    id: 'A28b',
    what: 'an unknown address above it',
    request: get('/nowhere'),
    status: 404,
    code: 'not_found',
  },
  {
    id: 'A29',
    what: 'a header of 100 kB',
    request: post(jobWith(), { 'X-Long': 'x'.repeat(100_000) }),
    status: 431,
    code: 'headers_too_large',
  },
  {
    id: 'A29b',
    what: 'an address of 100 kB',
    request: get(`/api/${'x'.repeat(100_000)}`),
    status: 431,
    code: 'headers_too_large',
  },
  { id: 'A29c', what: 'something that is not HTTP', request: `${pngText}\r\n\r\n`, ...badRequest },
];

export const bodyRows: readonly Row[] = [...malformed, ...transported];
