import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '@impasto/shared';
import { makeBodyQueue } from './read-body.ts';

const headers = new Headers({ 'Content-Length': '50000000' });
const patience = { idleMs: 50, totalMs: 400 };

/** A caller that sends so many parts, with so many milliseconds before each, and then says no more unless it is done. */
function caller(parts: number, pauseMs: number, isDone = true, part = Buffer.from('part')) {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent++ < parts) {
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        controller.enqueue(part);
      } else if (isDone) controller.close();
      else await new Promise(() => {});
    },
  });
  return { headers, body, sent: () => sent };
}

const sizeOf = async (body: Uint8Array) => body.byteLength;

describe('reading a body', () => {
  it('ends with all of it, in one piece', async () => {
    assert.equal(await makeBodyQueue(patience)(caller(3, 0), sizeOf), 12);
    assert.equal(await makeBodyQueue(patience)({ headers, body: null }, sizeOf), 0);
  });

  it('is given up when its caller falls silent, and when it takes too long', async () => {
    const read = makeBodyQueue(patience);
    const silent = { code: 'request_timeout', message: /^Expected a part of the body within 0\.05 seconds/ };
    await assert.rejects(read(caller(2, 0, false), sizeOf), silent);
    const slow = { code: 'request_timeout', message: /^Expected the body within 0\.4 seconds/ };
    await assert.rejects(makeBodyQueue({ idleMs: 5_000, totalMs: 400 })(caller(1_000, 20), sizeOf), slow);
  });

  it('stops where it becomes too large, whatever was announced', async () => {
    const part = Buffer.alloc(limits.maxBodyBytes / 4);
    const endless = caller(1_000, 0, true, part);
    for (const announced of [{}, { 'Content-Length': '10' }]) {
      const request = { headers: new Headers(announced), body: caller(1_000, 0, true, part).body };
      await assert.rejects(makeBodyQueue(patience)(request, sizeOf), { code: 'body_too_large' });
    }
    await assert.rejects(makeBodyQueue(patience)(endless, sizeOf), { code: 'body_too_large' });
    assert.ok(endless.sent() < 10, String(endless.sent()));
  });

  it('of a slow caller does not keep others from their work', async () => {
    const read = makeBodyQueue({ idleMs: 500, totalMs: 60_000 });
    for (let slow = 0; slow < 3; slow += 1) void read(caller(1, 0, false), sizeOf).catch(() => {});
    assert.equal(await read(caller(3, 0), sizeOf), 12);
  });

  it('leaves its place to the next one where it is given up', async () => {
    const read = makeBodyQueue(patience);
    const silent = Array.from({ length: 9 }, () => read(caller(1, 0, false), sizeOf));
    const last = read(caller(3, 0), sizeOf);
    for (const { status } of await Promise.allSettled(silent)) assert.equal(status, 'rejected');
    assert.equal(await last, 12);
  });
});
