// The Functions host over real sockets, with an app that the real library registers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { makeLogger, type Problem, problemSchema } from '@impasto/shared';
import { until } from '@impasto/shared/testing';
import { makeBodyRooms } from './body-room.ts';
import { type FunctionApp, loadApp } from './load-app.ts';
import { makeFunctionsServer } from './server.ts';

const maxBodyBytes = 100_000;
const logged: string[] = [];
const logger = makeLogger({ level: 'debug', write: (line) => logged.push(line) });

let app: FunctionApp;
let server: Server;
let url: string;

before(async () => {
  app = await loadApp(new URL('../testing/tiny-app.ts', import.meta.url).href, logger);
  server = makeFunctionsServer({ app, logger, maxBodyBytes });
  url = await listen(server);
});
after(() => stop(server));

async function listen(on: Server): Promise<string> {
  await once(on.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(on.address() as AddressInfo).port}/api`;
}

async function stop(it: Server): Promise<void> {
  it.closeAllConnections();
  await new Promise((resolve) => it.close(resolve));
}

/** Sends these very bytes and gives back all that comes until the server closes. */
async function raw(bytes: string, to: string = url): Promise<string> {
  const socket = connect(Number(new URL(to).port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

/** The body of the answer to a GET, as JSON. */
async function get(path: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const body: unknown = await (await fetch(`${url}/${path}`, { headers })).json();
  assert.ok(typeof body === 'object' && body !== null);
  return { ...body };
}

async function assertProblem(response: Response, status: number, code: string): Promise<Problem> {
  assert.equal(response.status, status);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const problem = problemSchema.parse(await response.json());
  assert.equal(problem.status, status);
  assert.equal(problem.code, code);
  return problem;
}

describe('a request that a function takes', () => {
  it('carries any bytes both ways untouched', async () => {
    const body = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
    const response = await fetch(`${url}/echo`, { method: 'POST', body });
    assert.equal(response.status, 201);
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
    assert.equal(response.headers.get('x-length'), '70000');
    assert.equal(response.headers.get('content-length'), '70000');
  });

  it('may have an empty body', async () => {
    const response = await fetch(`${url}/echo`, { method: 'POST' });
    assert.equal(response.status, 201);
    assert.equal((await response.arrayBuffer()).byteLength, 0);
  });

  it('finds its parameters, its query, its URL and its trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const {
      id,
      query,
      url: seen,
      traceparent: traced,
      method,
    } = await get('ITEMS/a%20b?q=x%26y', { traceparent });
    assert.deepEqual([id, query, traced, method], ['a b', 'x&y', traceparent, 'GET']);
    assert.equal(seen, `${url}/ITEMS/a%20b?q=x%26y`);
  });

  it('finds the appStart hook done', async () => {
    assert.equal((await get('items/1')).started, true);
  });

  it('goes to the most specific route', async () => {
    const matched = async (path: string) => (await get(path)).matched;
    assert.equal(await matched('items/latest'), 'latest');
    assert.equal(await matched('items/7'), 'item');
    assert.equal(await matched('items/7/parts'), 'rest');
    assert.equal(await matched(''), 'rest');
  });

  it('is answered without a body when it is a HEAD, with the length that GET would have', async () => {
    const response = await fetch(`${url}/items/latest`, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-length'), '20');
    assert.equal(await response.text(), '');
  });

  it('may be answered with nothing', async () => {
    const response = await fetch(`${url}/items/7`, { method: 'DELETE' });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('content-length'), null);
  });

  it('is not led astray by a path that looks like a host', async () => {
    const answer = await raw(
      'GET //evil.example/api/items/1 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n',
    );
    assert.match(answer, /^HTTP\/1.1 404/);
  });

  it('survives a Host header that is none', async () => {
    const answer = await raw('GET /api/items/1 HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
    assert.match(answer, /"matched":"item"/);
  });
});

describe('a request that no function takes', () => {
  it('is not found, also when only the method is wrong', async () => {
    await assertProblem(await fetch(new URL('/', url)), 404, 'not_found');
    await assertProblem(await fetch(`${url}/items/7`, { method: 'PATCH' }), 404, 'not_found');
  });
});

describe('a function that throws', () => {
  it('is a problem that tells the caller an id and nothing of the inside', async () => {
    const problem = await assertProblem(await fetch(`${url}/throws`), 500, 'internal_error');
    assert.doesNotMatch(JSON.stringify(problem), /secret|stack|\.ts/);
    const line = logged.find((entry) => entry.includes('a secret of the inside'));
    assert.ok(problem.request_id && line?.includes(problem.request_id));
  });
});

describe('a body that is too large', () => {
  it('is refused by its announced length before a byte of it has come', async () => {
    const answer = await raw(
      `POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${maxBodyBytes + 1}\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1.1 413 .*connection: close.*"code":"body_too_large"/is);
  });

  it('is refused in place of a go-ahead when the client asks first', async () => {
    const head = `POST /api/echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: `;
    assert.match(await raw(`${head}${maxBodyBytes + 1}\r\n\r\n`), /^HTTP\/1.1 413/);
    const allowed = await raw(`${head}2\r\nConnection: close\r\n\r\nhi`);
    assert.match(allowed, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 .*hi$/s);
  });

  it('is cut off when its length was not announced', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const head = 'POST /api/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    assert.match(await raw(head + chunk.repeat(8)), /^HTTP\/1.1 413/);
  });

  it('reaches a client that sends all of it before it listens', async () => {
    const body = new Uint8Array(5_000_000);
    await assertProblem(await fetch(`${url}/echo`, { method: 'POST', body }), 413, 'body_too_large');
  });

  it('may be exactly as large as allowed', async () => {
    const body = new Uint8Array(maxBodyBytes);
    assert.equal((await fetch(`${url}/echo`, { method: 'POST', body })).status, 201);
  });
});

describe('a request that is no request', () => {
  it('has headers that are too large', async () => {
    const answer = await raw(`GET /api/items/1 HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1.1 431 .*problem\+json.*"code":"headers_too_large"/s);
  });

  it('is not HTTP', async () => {
    assert.match(await raw('hello there\r\n\r\n'), /^HTTP\/1.1 400 .*"code":"bad_request"/s);
  });

  it('never ends', async () => {
    const impatient = makeFunctionsServer({ app, logger, maxBodyBytes, requestTimeoutMs: 200 });
    const to = await listen(impatient);
    const answer = await raw('POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc', to);
    assert.match(answer, /^HTTP\/1.1 408 .*"code":"request_timeout"/s);
    await stop(impatient);
  });
});

describe('a client that goes away', () => {
  it('in the middle of its body does no harm and is no error', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc', () =>
      socket.destroy(),
    );
    await until('a word in the log', () => logged.some((line) => line.includes('client_gone')));
    assert.equal((await fetch(`${url}/items/latest`)).status, 200);
    assert.ok(!logged.some((line) => line.includes('function_threw') && line.includes('aborted')));
  });
});

describe('a large body for which there is no room', () => {
  const bodyBytes = 40_000_000;
  let narrow: Server;
  let to: string;

  before(async () => {
    const options = { app, logger, maxBodyBytes: bodyBytes, bodyRoom: makeBodyRooms({ large: bodyBytes }) };
    narrow = makeFunctionsServer(options);
    to = await listen(narrow);
  });
  after(() => stop(narrow));

  /** Announces a large body and sends only its first bytes: it keeps the room. */
  function occupy(): ClientRequest {
    const sending = put();
    sending.on('error', () => {});
    sending.write('only this');
    return sending;
  }

  function put(): ClientRequest {
    return request(`${to}/somewhere`, { method: 'PUT', headers: { 'content-length': bodyBytes } });
  }

  /** Sends a whole body; `waits` tells whether most of it is still on this side. */
  function sendAll() {
    const sending = put();
    const status = new Promise<number | undefined>((resolve, reject) => {
      sending.on('error', reject).on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    sending.end(Buffer.alloc(bodyBytes));
    return { sending, status, waits: () => (sending.socket?.writableLength ?? 0) > bodyBytes / 2 };
  }

  it('stays with its sender until there is, and small requests are served meanwhile', async () => {
    const first = occupy();
    const { status, waits } = sendAll();
    await until('a socket that takes no more', waits);
    for (let count = 0; count < 5; count += 1) {
      const small = await fetch(`${to}/echo`, { method: 'POST', body: 'small' });
      assert.deepEqual([small.status, await small.text(), waits()], [201, 'small', true]);
    }
    first.destroy();
    assert.equal(await status, 404);
  });

  it('whose sender goes away is no longer waited for', async () => {
    const first = occupy();
    const gone = sendAll();
    const stayed = sendAll();
    await until('two that wait', () => gone.waits() && stayed.waits());
    gone.sending.destroy();
    await assert.rejects(gone.status);
    first.destroy();
    assert.equal(await stayed.status, 404);
  });
});
