// The Functions host with an app that streams (`enableHttpStream`), over real sockets, through the real library.
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { makeLogger, problemSchema } from '@impasto/shared';
import { until } from '@impasto/shared/testing';
import type { seen as Seen, steps as Steps } from '../testing/stream-app.ts';
import { makeBodyRooms } from './body-room.ts';
import { type FunctionApp, loadApp } from './load-app.ts';
import { makeFunctionsServer } from './server.ts';

const maxBodyBytes = 3_000_000;
const logged: string[] = [];
const logger = makeLogger({ level: 'debug', write: (line) => logged.push(line) });
/** Answers of the library's server, newest last. */
const theirs: ServerResponse[] = [];
const noteAnswer = (message: unknown) => {
  const { response } = message as { response: ServerResponse };
  if (
    response.req.headers['x-ms-invocation-id'] !== undefined &&
    response.req.socket.localPort === libraryPort
  )
    theirs.push(response);
};

let app: FunctionApp;
let server: Server;
let url: string;
let libraryPort: number;
let steps: typeof Steps;
let seen: typeof Seen;

before(async () => {
  const opened: Server[] = [];
  const onServer = (message: unknown) => opened.push((message as { server: Server }).server);
  channel('tracing:net.server.listen:asyncStart').subscribe(onServer);
  app = await loadApp(new URL('../testing/stream-app.ts', import.meta.url).href, logger);
  channel('tracing:net.server.listen:asyncStart').unsubscribe(onServer);
  const [library] = opened;
  assert.ok(library && opened.length === 1);
  libraryPort = (library.address() as AddressInfo).port;
  // Only now: what the library registers without a host is lost.
  ({ steps, seen } = await import('../testing/stream-app.ts'));
  server = makeFunctionsServer({ app, logger, maxBodyBytes });
  url = await listen(server);
  channel('http.server.request.start').subscribe(noteAnswer);
});
after(async () => {
  channel('http.server.request.start').unsubscribe(noteAnswer);
  await stop(server);
  await app.terminate();
});

async function listen(on: Server): Promise<string> {
  await once(on.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(on.address() as AddressInfo).port}/api`;
}

async function stop(it: Server): Promise<void> {
  it.closeAllConnections();
  await new Promise((resolve) => it.close(resolve));
}

/** Sends these very bytes and gives back all that comes until the server closes. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

async function open(path: string, method = 'GET'): Promise<IncomingMessage> {
  const outgoing = request(`${url}/${path}`, { method }).end();
  const [response] = await once(outgoing, 'response');
  return response;
}

describe('the server of the library', () => {
  it('listens on the loopback address only, and does not keep the process alive', async () => {
    const own = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid);
    for (const { address } of own) {
      const socket = connect(libraryPort, address);
      await assert.rejects(once(socket, 'connect'), /ECONNREFUSED/, address);
    }
    await once(connect(libraryPort, '127.0.0.1').unref(), 'connect');
    const active = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap');
    assert.equal(active.length, 1, 'only the server of the test');
  });

  it('cuts off whoever is not the host', async () => {
    const foreign = fetch(`http://127.0.0.1:${libraryPort}/api/item/1`, {
      headers: { 'x-ms-invocation-id': 'a-guess' },
    });
    await assert.rejects(foreign);
  });
});

describe('a request to an app that streams', () => {
  it('carries any bytes both ways untouched, announced or not', async () => {
    const body = Uint8Array.from({ length: 2_900_000 }, (_, index) => (index * 7) % 256);
    const announced = await fetch(`${url}/echo`, { method: 'POST', body });
    assert.deepEqual([announced.status, announced.headers.get('x-length')], [201, '2900000']);
    assert.deepEqual(new Uint8Array(await announced.arrayBuffer()), body);
    const streamed = new ReadableStream({
      start(controller) {
        for (let at = 0; at < body.length; at += 100_000) controller.enqueue(body.subarray(at, at + 100_000));
        controller.close();
      },
    });
    const chunked = await fetch(`${url}/echo`, { method: 'POST', body: streamed, duplex: 'half' });
    assert.deepEqual([chunked.status, chunked.headers.get('x-length')], [201, 'null']);
    assert.deepEqual(new Uint8Array(await chunked.arrayBuffer()), body);
    const empty = await fetch(`${url}/echo`, { method: 'POST' });
    assert.deepEqual([empty.status, await empty.text()], [201, '']);
  });

  it("has the caller's own address, parameters, headers and trace; its invocation id is ours", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = {
      traceparent,
      'x-custom': 'yes',
      'x-ms-invocation-id': 'theirs',
      'x-forwarded-host': 'evil',
    };
    const response = await fetch(`${url}/ITEMS/a%20b?q=x%26y`, { headers });
    const body: unknown = await response.json();
    const id = response.headers.get('x-ms-invocation-id');
    assert.deepEqual(body, {
      id: 'a b',
      query: 'x&y',
      url: `${url}/ITEMS/a%20b?q=x%26y`,
      method: 'GET',
      custom: 'yes',
      invocationHeader: 'theirs',
      invocationId: id,
      traceparent,
    });
    assert.match(id ?? '', /^[0-9a-f-]{36}$/);
  });

  it('may have as many bytes of headers as the front allows', async () => {
    const head = `GET /api/items/${'i'.repeat(7_500)} HTTP/1.1\r\nHost: ${'h'.repeat(8_500)}\r\nConnection: close\r\n\r\n`;
    assert.match(await raw(head), /^HTTP\/1.1 200 .*"id":"i{7500}"/s);
  });

  it('is refused as ever when it is too large, before the function hears of it', async () => {
    const head = 'POST /api/echo HTTP/1.1\r\nHost: a\r\n';
    assert.match(await raw(`${head}Content-Length: ${maxBodyBytes + 1}\r\n\r\n`), /^HTTP\/1.1 413 /);
    const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`;
    assert.match(
      await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(12)}`),
      /^HTTP\/1.1 413 /,
    );
  });

  it('may be answered without being read', async () => {
    for (let count = 0; count < 3; count += 1) {
      const response = await fetch(`${url}/unread`, { method: 'POST', body: new Uint8Array(2_900_000) });
      assert.deepEqual([response.status, await response.text()], [415, 'not that']);
    }
  });

  it('leaves the room for bodies while a function that has read it still waits', async () => {
    const bodyRoom = makeBodyRooms({ large: 2_000_000 });
    const narrow = makeFunctionsServer({ app, logger, maxBodyBytes, bodyRoom });
    const to = await listen(narrow);
    const post = (path: string) =>
      fetch(`${to}/${path}`, { method: 'POST', body: new Uint8Array(2_000_000) });
    const waiting = post('waits');
    await until('a body that is read', () => seen.includes('read 2000000'));
    assert.equal((await post('unread')).status, 415);
    steps.emit('go-on');
    assert.equal(await (await waiting).text(), 'at last');
    await stop(narrow);
  });
});

describe('the answer of an app that streams', () => {
  it('arrives frame by frame', async () => {
    const response = await open('frames');
    assert.equal(response.headers['content-type'], 'text/event-stream');
    assert.equal(response.headers['content-encoding'], undefined);
    let received = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      received += part;
    });
    await until('the first frame', () => received === 'id: 1\n\n');
    steps.emit('frame-1');
    await until('the second frame', () => received === 'id: 1\n\nid: 2\n\n');
    steps.emit('frame-2');
    await once(response, 'end');
    assert.ok(response.complete && received.endsWith('id: 3\n\n'));
  });

  it('may be many megabytes, which flow at the pace of the caller', async () => {
    const response = await open('many/640'); // 40 MiB
    const socket = await until('the answer of the library', () => theirs.at(-1));
    await until('a library that has all of it', () => socket.writableEnded);
    // What neither side of three sockets holds has to be where it came from.
    assert.ok(
      socket.writableLength > 20 * 1024 * 1024,
      `${socket.writableLength} bytes are still with the library`,
    );
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    assert.deepEqual([bytes, response.complete], [640 * 64 * 1024, true]);
  });

  it('keeps status and length: 206, 204, 304, HEAD, cookies, nothing', async () => {
    const partial = await fetch(`${url}/known`);
    assert.deepEqual([partial.status, await partial.text()], [206, 'hello']);
    assert.deepEqual(
      ['content-length', 'content-range', 'transfer-encoding'].map((name) => partial.headers.get(name)),
      ['5', 'bytes 0-4/9', null],
    );
    const none = await open('known', 'DELETE');
    assert.deepEqual([none.statusCode, none.headers['content-length']], [204, undefined]);
    const unchanged = await open('unchanged');
    assert.deepEqual([unchanged.statusCode, unchanged.headers.etag, await text(unchanged)], [304, '"e"', '']);
    const headed = await open('headed', 'HEAD');
    assert.deepEqual([headed.statusCode, headed.headers['content-length']], [200, '123456']);
    const cookies = await open('cookies');
    assert.deepEqual(cookies.headers['set-cookie'], ['a=1', 'b=2']);
    cookies.resume();
    assert.equal((await open('nothing')).statusCode, 204);
  });

  it('has its length where the function had it at once, also for a HEAD', async () => {
    const { headers } = await fetch(`${url}/items/1`);
    assert.match(headers.get('content-length') ?? '', /^\d{3}$/);
    const head = await open('items/1', 'HEAD');
    assert.match(head.headers['content-length'] ?? '', /^\d{3}$/);
    assert.equal(await text(head), '');
  });

  it('to a HEAD for a function that only knows GET is its head, at once', async () => {
    const partial = await open('known', 'HEAD');
    assert.deepEqual(
      [partial.statusCode, partial.headers['content-length'], await text(partial)],
      [206, '5', ''],
    );
    const endless = await open('frames', 'HEAD');
    assert.deepEqual([endless.statusCode, await text(endless)], [200, '']);
    steps.emit('frame-1');
    steps.emit('frame-2');
  });
});

describe('an answer that breaks off', () => {
  it('before it began is a problem that tells nothing of the inside', async () => {
    const response = await fetch(`${url}/breaks/early`);
    const problem = problemSchema.parse(await response.json());
    assert.deepEqual([response.status, problem.code], [500, 'internal_error']);
    assert.doesNotMatch(JSON.stringify(problem), /secret/);
    assert.ok(
      logged.some(
        (line) => line.includes('a secret of the inside') && line.includes(problem.request_id ?? '?'),
      ),
    );
  });

  for (const [how, error] of [
    ['middle', 'the stream broke'],
    ['short', 'content-length'],
  ] as const) {
    it(`in the middle (${how}) never looks whole`, async () => {
      const response = await open(`breaks/${how}`);
      assert.equal(response.statusCode, 200);
      await assert.rejects(text(response), { code: 'ECONNRESET' });
      assert.equal(response.complete, false);
      const line = () => logged.some((one) => one.includes('function_threw') && one.includes(error));
      await until('a word in the log', line);
    });
  }
});

describe('a caller that goes away', () => {
  it('takes the request to the library along, and is no error', async () => {
    const errors = () => logged.filter((line) => line.includes('function_threw')).length;
    const before = errors();
    const response = await open('frames');
    await once(response, 'data');
    const socket = await until('the answer of the library', () => theirs.at(-1));
    const closed = once(socket, 'close');
    response.destroy();
    await closed;
    assert.equal(socket.writableEnded, false);
    steps.emit('frame-1');
    steps.emit('frame-2');
    await until('a word in the log', () => logged.some((line) => line.includes('client_gone')));
    assert.equal(errors(), before);
    assert.equal((await fetch(`${url}/known`)).status, 206);
  });
});
