import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from '@impasto/shared/testing';
import { sendAsLibrary } from '../testing/over-sockets.ts';
import { callerGone, connectionOf, streamTo } from './connections.ts';

const partBytes = 1024 * 1024;
let sources: Record<string, AsyncIterable<Uint8Array>> = {};
const outcomes = new Map<string, unknown>();

const server = createServer((incoming, response) => {
  const id = String(incoming.headers['x-ms-invocation-id']);
  const source = sources[id];
  if (!source) return void response.end();
  const body = streamTo({ requestId: id }, source);
  sendAsLibrary(response, body).then(
    () => outcomes.set(id, 'sent'),
    (error: unknown) => outcomes.set(id, error),
  );
});
before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
after(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

async function open(id: string) {
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ host: '127.0.0.1', port, headers: { 'x-ms-invocation-id': id } }).end();
  const [response] = await once(outgoing, 'response');
  return response;
}

/** So many megabytes, and how many of them were made; `ended` once nobody wants more. */
function megabytes(count: number) {
  const seen = { made: 0, ended: false };
  async function* make() {
    try {
      for (; seen.made < count; seen.made += 1) yield Buffer.alloc(partBytes);
    } finally {
      seen.ended = true;
    }
  }
  return { seen, source: make() };
}

describe('a streamed answer', () => {
  it('is made no faster than its caller reads, and arrives whole', async () => {
    const { seen, source } = megabytes(60);
    sources = { slow: source };
    const response = await open('slow');
    await once(response, 'readable');
    await new Promise((resolve) => setTimeout(resolve, 200));
    // What the sockets of both sides hold is some megabytes.
    assert.ok(seen.made < 30, `${seen.made} MiB were made for a caller that does not read`);
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    assert.equal(bytes, 60 * partBytes);
    await until('an answer that is sent', () => outcomes.get('slow') === 'sent');
  });

  it('takes no more memory the longer it is', async () => {
    const { source } = megabytes(600);
    sources = { long: source };
    const response = await open('long');
    let most = 0;
    for await (const _chunk of response) most = Math.max(most, process.memoryUsage().arrayBuffers);
    assert.ok(most < 300 * partBytes, `${Math.round(most / partBytes)} MiB were held`);
  });

  it('ends when its caller leaves, also while nothing is to be said', async () => {
    const { seen, source } = megabytes(1000);
    const silent = { ended: false };
    async function* say() {
      try {
        yield Buffer.from('a word');
        await until('nothing', () => connectionOf('silent')?.closed.aborted ?? false, 20_000);
      } finally {
        silent.ended = true;
      }
    }
    sources = { left: source, silent: say() };
    for (const id of ['left', 'silent']) {
      const response = await open(id);
      await once(response, 'readable');
      assert.equal(connectionOf(id)?.closed.aborted, false);
      response.destroy();
      await until('an answer that has ended', () => outcomes.get(id) === 'sent');
    }
    await until('sources that were let go', () => seen.ended && silent.ended);
    assert.ok(seen.made < 100);
    assert.equal(connectionOf('left')?.closed.aborted, true);
  });

  it('breaks off where its source fails, and does not look whole', async () => {
    async function* fail() {
      yield Buffer.alloc(10);
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('the source failed');
    }
    sources = { fails: fail() };
    const response = await open('fails');
    await assert.rejects(response.toArray(), { code: 'ECONNRESET' });
    assert.match(String(outcomes.get('fails')), /the source failed/);
  });

  it('is forgotten once it was sent', async () => {
    sources = {};
    (await open('short')).resume();
    await until('a connection that is forgotten', () => connectionOf('short') === undefined);
  });
});

describe('a caller who leaves before the answer', () => {
  /** Uploads that are broken off, and what is left of their answers. */
  async function breakOff(count: number, prefix: string) {
    const answers: WeakRef<object>[] = [];
    const keep = (message: unknown) => answers.push(new WeakRef((message as { response: object }).response));
    subscribe('http.server.request.start', keep);
    const silent = createServer(() => {});
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    for (let index = 0; index < count; index += 1) {
      const headers = { 'x-ms-invocation-id': `${prefix}${index}`, 'content-length': '1000000' };
      const outgoing = request({ host: '127.0.0.1', port, method: 'POST', headers, agent: false });
      outgoing.on('error', () => {}).write(Buffer.alloc(10_000));
      await until('a request that has begun', () => answers.length > index);
      outgoing.destroy();
      await until('a caller that has left', () => callerGone(`${prefix}${index}`).aborted);
    }
    await new Promise((resolve) => silent.close(resolve));
    unsubscribe('http.server.request.start', keep);
    return answers;
  }

  it('is known to have left, and takes none of his request with him', async () => {
    const answers = await breakOff(30, 'early');
    for (let index = 0; index < 30; index += 1) {
      const connection = connectionOf(`early${index}`);
      assert.equal(connection?.closed.aborted, true);
      assert.equal(callerGone(`early${index}`).aborted, true);
      await connection.drained();
      connection.cut();
    }
    // One for all of them.
    assert.equal(connectionOf('early0'), connectionOf('early29'));
    const collect = garbageCollector();
    const left = () => answers.filter((answer) => answer.deref() !== undefined).length;
    await until('answers that are forgotten', () => {
      collect();
      return left() < 5;
    });
  });

  it('has no answer made for him', async () => {
    await breakOff(1, 'unread');
    const { seen, source } = megabytes(3);
    assert.deepEqual(await Array.fromAsync(streamTo({ requestId: 'unread0' }, source)), []);
    assert.equal(seen.made, 0);
  });
});

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

describe('a streamed answer without a connection that is known', () => {
  it('is made as it is asked for', async () => {
    const { seen, source } = megabytes(3);
    const reader = streamTo({ requestId: 'nobody' }, source).getReader();
    assert.equal(seen.made, 0);
    assert.equal((await reader.read()).value?.length, partBytes);
    await reader.cancel();
    assert.deepEqual(seen, { made: 0, ended: true });
  });
});
