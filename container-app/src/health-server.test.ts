import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { silentLogger } from '@impasto/shared';
import { type HealthOptions, openHealthServer } from './health-server.ts';

async function open(test: TestContext, more: Partial<HealthOptions> = {}) {
  const server = await openHealthServer({
    port: 0,
    host: '127.0.0.1',
    isReady: () => true,
    metricsText: async () => 'a 1\n',
    log: silentLogger,
    ...more,
  });
  test.after(() => server.close());
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    const { status, headers } = response;
    return { status, headers, body: await response.text() };
  };
  return { ...server, ask };
}

describe('the door of a worker', () => {
  it('tells whether the worker lives, and whether it can take a message', async (test) => {
    let ready = false;
    const { ask } = await open(test, { isReady: () => ready });
    assert.deepEqual([(await ask('/health/live')).status, (await ask('/health/ready')).status], [200, 503]);
    ready = true;
    assert.equal((await ask('/health/ready?x=1')).status, 200);
    assert.equal((await ask('/health/ready', 'HEAD')).body, '');
  });

  it('gives its metrics as Prometheus wants them', async (test) => {
    const { ask } = await open(test);
    const { status, headers, body } = await ask('/metrics');
    assert.deepEqual([status, body], [200, 'a 1\n']);
    assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  it('has nothing else, and nothing to write to', async (test) => {
    const { ask } = await open(test);
    for (const path of ['/', '/health', '/metrics/', '/constructor'])
      assert.equal((await ask(path)).status, 404, path);
    const wrong = await ask('/metrics', 'POST');
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, HEAD']);
  });

  it('keeps to itself what went wrong', async (test) => {
    const { ask } = await open(test, { metricsText: () => Promise.reject(new Error('secret')) });
    const { status, body } = await ask('/metrics');
    assert.equal(status, 500);
    assert.doesNotMatch(body, /secret/);
  });

  it('says so when its port is taken', async (test) => {
    const { port } = await open(test);
    await assert.rejects(
      open(test, { port }),
      /^Error: Expected a free port for HEALTH_PORT, received 127\.0\.0\.1/,
    );
  });

  it('is answered on every address of the machine unless it is told otherwise', async (test) => {
    const { ask } = await open(test, { host: undefined });
    assert.equal((await ask('/health/live')).status, 200);
  });

  it('does not let callers in without end, and none of them for long who says nothing', async (test) => {
    const { port, ask, close } = await open(test);
    const idle = Array.from({ length: 40 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    const closed = idle.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    await Promise.all(closed.slice(20));
    await Promise.all(closed);
    assert.equal((await ask('/health/live')).status, 200);
    const late = connect(port, '127.0.0.1');
    await once(late, 'connect');
    close();
    await once(late, 'close');
  });

  it('takes no headers without end', async (test) => {
    const { port } = await open(test);
    const asked = request({ port, host: '127.0.0.1', headers: { 'x-long': 'x'.repeat(9_000) } }).end();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      asked.on('error', reject);
      asked.on('response', (response) => void text(response).then(() => resolve(response.statusCode)));
    });
    assert.equal(status, 431);
  });
});
