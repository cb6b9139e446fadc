// The corpus, rows A21 and A30: requests that take for ever, on a server with less patience than usual.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { connectStorage, createContainersAndQueue } from '@impasto/shared/azure';
import { type Emulator, startAzurite } from '@impasto/shared/testing/azurite';
import { assertProblem } from './answers.ts';
import { jobWith } from './pictures.ts';
import { exchange, head, parseAnswer, post, type RawAnswer } from './raw-http.ts';
import { type InProcessHost, loadFunctionApp, serveApp } from './service-in-process.ts';

const patienceMs = 700;
let emulator: Emulator;
let host: InProcessHost;

before(async () => {
  emulator = await startAzurite();
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: emulator.connectionString });
  host = await serveApp(await loadFunctionApp(emulator.connectionString), patienceMs);
});
after(async () => {
  await host.stop();
  await emulator.stop();
});

async function assertNothingStored(): Promise<void> {
  const { images, queue } = connectStorage({ STORAGE_CONNECTION_STRING: emulator.connectionString });
  for (const place of ['inputs/', 'jobs/']) assert.deepEqual(await Array.fromAsync(images.list(place)), []);
  assert.equal(await queue.countMessages(), 0);
}

/** Sends one byte after another, slowly, for as long as the server listens; `start` at once. */
function trickle(request: string, start = ''): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(host.port, '127.0.0.1');
    socket.write(start);
    let sent = 0;
    const timer = setInterval(() => socket.write(request.charAt(sent++)), 50);
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', (error) => received.length === 0 && reject(error));
    socket.on('close', () => {
      clearInterval(timer);
      resolve(parseAnswer(Buffer.concat(received)));
    });
  });
}

describe('a request that is too slow', () => {
  it('A21: a body that ends before its Content-Length is request_timeout', async () => {
    const body = jobWith();
    const answer = await exchange(host.port, post(body, { 'Content-Length': String(body.length + 10) }));
    assert.equal(assertProblem(answer, 408, 'request_timeout').retryable, true);
    await assertNothingStored();
  });

  it('A30: a body byte by byte is cut off', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '900' };
    const start = head('POST /api/style-transfer', headers);
    assertProblem(await trickle(' '.repeat(900), start), 408, 'request_timeout');
    await assertNothingStored();
  });

  it('A30b: headers byte by byte are cut off', async () => {
    assertProblem(
      await trickle(`GET /api/health HTTP/1.1\r\nX-Long: ${'x'.repeat(1_000)}`),
      408,
      'request_timeout',
    );
  });

  it('and one that comes in time is answered', async () => {
    assert.equal((await exchange(host.port, head('GET /api/health'))).status, 200);
  });
});
