import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { before, describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Certificate, makeCertificate, until } from '@impasto/shared/testing';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { type Receiver, startLiar, startReceiver } from '../testing/receivers.ts';
import { type SendOptions, sendWebhook, type WebhookOutcome } from './send-webhook.ts';
import { parseSecrets, signWebhook } from './sign-webhook.ts';

const atHome = { allowLoopback: true, ownHosts: [] };
const here = async () => ['127.0.0.1'];
const body = '{"type":"job.completed","data":{"note":"Grüße 🎨"}}';
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

let certificate: Certificate;
before(async () => {
  certificate = await makeCertificate();
});

function send(url: string, options: Partial<SendOptions> = {}): Promise<WebhookOutcome> {
  const headers = signWebhook({ id: 'msg_1', body, sentAt: new Date(), keys: parseSecrets(secret) });
  return sendWebhook(
    { url, body, headers, traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' },
    { rules: atHome, resolveHost: here, trustedCertificates: certificate.cert, ...options },
  );
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function receiver(t: TestContext, listener: Listener): Promise<Receiver> {
  const started = await startReceiver(certificate, listener);
  t.after(() => started.stop());
  return started;
}

async function liar(t: TestContext, lie: (socket: TLSSocket) => void): Promise<Receiver> {
  const started = await startLiar(certificate, lie);
  t.after(() => started.stop());
  return started;
}

/** Writes again and again for as long as the other side takes it. */
function pour(socket: TLSSocket, piece: string | Buffer): void {
  while (socket.writable)
    if (!socket.write(piece)) return void socket.once('drain', () => pour(socket, piece));
}

function drip(socket: TLSSocket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 50);
  socket.on('close', () => clearInterval(timer));
}

const facts = ({ latencyMs: _, ...rest }: WebhookOutcome) => rest;
const isLeft = ({ connections }: Receiver) => until('the connection to end', () => connections.open === 0);

describe('sendWebhook', () => {
  it('delivers the signed body byte for byte, with its headers, and closes the connection', async (t) => {
    const seen = Promise.withResolvers<{
      headers: Record<string, string>;
      body: string;
      method: string | undefined;
    }>();
    const server = await receiver(t, async (request, response) => {
      const headers = request.headers as Record<string, string>;
      seen.resolve({ headers, body: await text(request), method: request.method });
      response.writeHead(204).end();
    });
    const outcome = await send(server.url);
    assert.deepEqual(facts(outcome), { kind: 'delivered', httpStatus: 204 });
    const { headers, body: received, method } = await seen.promise;
    assert.deepEqual([method, received], ['POST', body]);
    assert.deepEqual(new Webhook(secret).verify(received, headers), JSON.parse(body));
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['user-agent'], 'Impasto-Webhook/1');
    assert.match(headers.traceparent ?? '', /^00-0123456789abcdef/);
    await isLeft(server);
  });

  it('takes 2xx alone for success, and tells what the receiver asks for', async (t) => {
    let status = 200;
    const server = await receiver(t, (_request, response) => {
      response.writeHead(status, status === 503 ? { 'retry-after': '120' } : {}).end('x');
    });
    for (status of [200, 201, 202, 299]) assert.equal((await send(server.url)).kind, 'delivered');
    for (status of [300, 304, 400, 404, 410, 500]) {
      assert.deepEqual(facts(await send(server.url)), { kind: 'refused', httpStatus: status });
    }
    status = 503;
    const asked = { kind: 'refused', httpStatus: 503, retryAfterSeconds: 120 };
    assert.deepEqual(facts(await send(server.url)), asked);
  });

  it('survives whatever stands in Retry-After', async (t) => {
    const bytes = Buffer.from(
      Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 10 && byte !== 13),
    );
    const server = await liar(t, (socket) => {
      socket.end(
        Buffer.concat([Buffer.from('HTTP/1.1 503 No\r\nretry-after: '), bytes, Buffer.from('\r\n\r\n')]),
      );
    });
    assert.notEqual((await send(server.url)).kind, 'delivered');
    for (const text of ['-1', '1e9', '\xff\xfe', 'Sat, 99 Nov 2026 99:99:99 GMT', ' ', 'a\tb']) {
      const other = await liar(t, (socket) =>
        socket.end(`HTTP/1.1 503 No\r\nretry-after: ${text}\r\n\r\n`, 'latin1'),
      );
      assert.deepEqual(facts(await send(other.url)), { kind: 'refused', httpStatus: 503 }, text);
    }
  });

  it('follows no redirect (W13)', async (t) => {
    const target = await receiver(t, (_request, response) => response.end());
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await receiver(t, (_request, response) => {
        response.writeHead(status, { location: target.url }).end();
      });
      assert.deepEqual(facts(await send(server.url)), { kind: 'refused', httpStatus: status });
    }
    assert.equal(target.connections.made, 0);
  });

  it('sends plain http to this machine where that is set', async (t) => {
    const server = createHttpServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    assert.equal((await send(`http://localhost:${port}/`)).kind, 'delivered');
    assert.equal((await send(`http://127.0.0.1:${port}/`)).kind, 'delivered');
  });
});

describe('sendWebhook and addresses', () => {
  const forbidden = { kind: 'failed', error: 'forbidden_address' } as const;

  it('checks the address again, by the rules of now', async (t) => {
    const server = await receiver(t, (_request, response) => response.end());
    const rules = { allowLoopback: false, ownHosts: ['own.example'] };
    for (const url of [server.url, 'https://10.0.0.1/', 'https://own.example/', 'http://example.com/', 'x']) {
      assert.deepEqual(facts(await send(url, { rules })), forbidden);
    }
    assert.equal(server.connections.made, 0);
  });

  it('refuses a name that was public and is private now, or is both (W11, W12)', async (t) => {
    const server = await receiver(t, (_request, response) => response.end());
    for (const answer of [['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['::ffff:127.0.0.1']]) {
      const resolveHost = async () => answer;
      assert.deepEqual(facts(await send('https://public.example:8443/', { resolveHost })), forbidden);
    }
    assert.equal(server.connections.made, 0);
  });

  it('connects to the address that it checked, and asks for the name only once (W12)', async (t) => {
    const server = await receiver(t, (_request, response) => response.end());
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let asked = 0;
    const resolveHost = async () => answers[asked++] ?? [];
    assert.equal((await send(server.url, { resolveHost })).kind, 'delivered');
    assert.deepEqual([asked, server.connections.made], [1, 1]);
    // Nobody listens at the second one: had the name been asked for again, this would have been delivered.
    assert.equal(
      (await send(server.url, { resolveHost: async () => ['127.0.0.2'] })).error,
      'connection_refused',
    );
  });

  it('tries the other addresses of a name when one does not answer', async (t) => {
    const server = await receiver(t, (_request, response) => response.end());
    const resolveHost = async () => ['127.0.0.2', '127.0.0.1'];
    assert.equal((await send(server.url, { resolveHost })).kind, 'delivered');
  });
});

describe('sendWebhook and receivers that lie or fail (W14)', () => {
  it('reads little of an answer of 10 GB, in flat memory', async (t) => {
    const piece = Buffer.alloc(1 << 20);
    let poured = 0;
    const server = await liar(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n');
      pour(socket, piece);
      socket.on('close', () => {
        poured += socket.bytesWritten;
      });
    });
    const beforeBytes = process.memoryUsage().rss;
    for (let times = 0; times < 5; times += 1) {
      assert.deepEqual(facts(await send(server.url)), { kind: 'delivered', httpStatus: 200 });
    }
    await isLeft(server);
    assert.ok(process.memoryUsage().rss - beforeBytes < 100e6);
    assert.ok(poured < 200e6);
  });

  it('takes the status for the answer when the body drips, and leaves at the limit of time', async (t) => {
    const server = await liar(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      drip(socket, 'x');
    });
    assert.equal((await send(server.url, { timeoutSeconds: 0.5 })).kind, 'delivered');
    await isLeft(server);
  });

  it('takes the status for the answer when the body breaks off', async (t) => {
    const server = await liar(t, (socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nx');
    });
    assert.equal((await send(server.url)).kind, 'delivered');
  });

  it('has an outcome for every answer, however broken', async (t) => {
    let answer = Buffer.alloc(0);
    const server = await liar(t, (socket) => socket.end(answer));
    const whole =
      'HTTP/1.1 200 OK\r\ncontent-type: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const spoilt = fc
      .tuple(fc.nat(whole.length - 1), noise, fc.nat(20))
      .map(([at, bytes, cut]) =>
        Buffer.concat([Buffer.from(whole.slice(0, at)), bytes, Buffer.from(whole.slice(at + cut))]),
      );
    const property = fc.asyncProperty(fc.oneof(noise, spoilt), async (bytes) => {
      answer = bytes;
      const { kind, httpStatus, error } = await send(server.url);
      assert.equal(kind === 'failed', error !== undefined);
      assert.equal(kind === 'failed', httpStatus === undefined);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  const interim = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
  const lies: [what: string, error: string, lie: (socket: TLSSocket) => void][] = [
    ['never answers', 'timeout', () => undefined],
    [
      'sends its headers one by one',
      'timeout',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip(socket, 'a: b\r\n');
      },
    ],
    ['sends 1xx without end', 'too_many_headers', (socket) => pour(socket, interim)],
    ['sends 100 without end', 'too_many_headers', (socket) => pour(socket, 'HTTP/1.1 100 Continue\r\n\r\n')],
    ['sends 1xx slowly without end', 'too_many_headers', (socket) => drip(socket, interim)],
    [
      'sends a header of a megabyte',
      'too_many_headers',
      (socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1 << 20)}\r\n\r\n`);
      },
    ],
    [
      'sends headers without end',
      'too_many_headers',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        pour(socket, 'x: y\r\n'.repeat(1000));
      },
    ],
    ['resets the connection', 'reset', (socket) => socket.destroy()],
    ['hangs up politely', 'reset', (socket) => socket.end()],
    ['speaks another protocol', 'bad_answer', (socket) => socket.end('220 smtp.example.com ESMTP\r\n')],
    [
      'switches to another protocol',
      'reset',
      (socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
      },
    ],
    [
      'gives two lengths',
      'bad_answer',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx');
      },
    ],
  ];
  for (const [what, error, lie] of lies) {
    it(`fails with ${error} where the receiver ${what}`, async (t) => {
      const server = await liar(t, lie);
      const timeoutSeconds = error === 'timeout' ? 0.5 : 15;
      assert.deepEqual(facts(await send(server.url, { timeoutSeconds })), { kind: 'failed', error });
      await isLeft(server);
    });
  }
});

describe('sendWebhook and connections that fail', () => {
  it('trusts no certificate that is signed by nobody, of another name, or over, whatever the environment says', async (t) => {
    const other = await makeCertificate('other.example');
    const over = await makeCertificate('localhost', new Date('2021-01-01'));
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    t.after(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    for (const [shown, trusted] of [
      [certificate, undefined],
      [other, other.cert],
      [over, over.cert],
    ] as const) {
      const server = await startReceiver(shown, (_request, response) => response.end());
      t.after(() => server.stop());
      const outcome = await send(server.url, { trustedCertificates: trusted });
      assert.deepEqual(facts(outcome), { kind: 'failed', error: 'tls' });
    }
  });

  it('tells a port where nobody listens, one that resets, and one that speaks no TLS', async (t) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      if (resets) socket.resetAndDestroy();
      else socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    }).listen(0, '127.0.0.1');
    let resets = true;
    await once(server, 'listening');
    t.after(() => server.close());
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    assert.equal((await send(url)).error, 'reset');
    resets = false;
    assert.equal((await send(url)).error, 'tls');
    for (const addresses of [['127.0.0.1'], ['127.0.0.2', '127.0.0.1']]) {
      const outcome = await send('https://localhost:1/', { resolveHost: async () => addresses });
      assert.equal(outcome.error, 'connection_refused');
    }
  });

  it('counts a name server that does not answer into its time', async (t) => {
    const ended = Promise.withResolvers<readonly string[]>();
    const timer = setInterval(() => undefined, 1000);
    t.after(() => clearInterval(timer));
    const outcome = await send('https://localhost:1/', {
      resolveHost: () => ended.promise,
      timeoutSeconds: 0.3,
    });
    assert.equal(outcome.error, 'timeout');
    assert.ok(outcome.latencyMs >= 290);
  });
});
