// HTTP as bytes: requests put together by hand, sent over a TCP socket of their own, and the answer taken apart.
// A client library would refuse to send most of what is tried here.
import { connect } from 'node:net';
import { type Conformance, fetchConformance } from '@impasto/shared/testing/conformance';

export type RawRequest = string | Uint8Array | readonly (string | Uint8Array)[];

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A request line and headers that ask for the connection to be closed, with the blank line after them. */
export function head(start: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...headers });
  return `${start} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

export function get(path: string, headers: Readonly<Record<string, string>> = {}): string {
  return head(`GET ${path}`, headers);
}

/** A submission with this very body; an empty value takes a header away. */
export function post(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): RawRequest {
  const bytes = Buffer.from(body);
  const standard = { 'Content-Type': 'application/json', 'Content-Length': String(bytes.length) };
  const wanted = Object.entries({ ...standard, ...headers }).filter(([, value]) => value !== '');
  return [head('POST /api/style-transfer', Object.fromEntries(wanted)), bytes];
}

/**
 * Sends the bytes and reads until the server closes the connection, which every request here makes it do.
 * @throws Error where the answer is not as the service describes it.
 */
export async function exchange(port: number, request: RawRequest, host = '127.0.0.1'): Promise<RawAnswer> {
  const parts = [request].flat();
  const answer = parseAnswer(await talk(port, parts, host));
  await assertDescribed(port, parts, answer);
  return answer;
}

const services = new Map<number, Promise<Conformance>>();

async function assertDescribed(
  port: number,
  [start = '']: readonly (string | Uint8Array)[],
  answer: RawAnswer,
): Promise<void> {
  const service = services.get(port) ?? fetchConformance(`http://127.0.0.1:${port}`);
  services.set(port, service);
  // What begins with no request line is refused as what it is, at no address.
  const line = /^(\S+) (\S+) HTTP/.exec(Buffer.from(start).toString('latin1', 0, 9_000)) ?? [];
  const [, method = 'GET', path = '/'] = line;
  const isJson = (answer.headers['content-type'] ?? '').includes('json');
  (await service).check({ method, path, ...answer, body: isJson ? answer.body.toString() : undefined });
}

/** All bytes that come back. A server that refuses may close on a client that is still sending: no error here. */
function talk(port: number, parts: readonly (string | Uint8Array)[], host: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, host, () => {
      for (const part of parts) socket.write(part);
    });
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', (error) => received.length === 0 && reject(error));
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

export function parseAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const [start = '', ...lines] = bytes.toString('latin1', 0, Math.max(0, end)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]);
  if (end < 0 || !status)
    throw new Error(`Expected an HTTP answer, received ${JSON.stringify(bytes.toString('latin1', 0, 200))}`);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const all: Record<string, string> = Object.fromEntries(headers);
  const rest = bytes.subarray(end + 4);
  // What follows the body would be the answer to a second request, smuggled behind the first.
  return { status, headers: all, body: rest.subarray(0, Number(all['content-length'] ?? rest.length)) };
}
