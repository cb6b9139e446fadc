import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StyleTransferClient } from './client.ts';
import * as service from './scripted-service.ts';

const { jobId } = service;
const whole = Buffer.alloc(100_000, 'paint');
const tag = '"version-1"';

/** Sends the bytes from..to, breaks off before the end where asked to. */
function part(options: { from?: number; to?: number; etag?: string; status?: number } = {}): service.Answer {
  const { from = 0, to = whole.length, etag = tag, status = 200 } = options;
  return (response) => {
    const range =
      status === 206 ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {};
    const length = { 'content-length': whole.length - from };
    response.writeHead(status, { 'content-type': 'image/png', etag, ...length, ...range });
    if (to === whole.length) response.end(whole.subarray(from));
    // The client has what was sent before the connection breaks.
    else response.write(whole.subarray(from, to), () => setTimeout(() => response.destroy(), 100));
  };
}

async function download(...result: service.Answer[]) {
  await using server = await service.startScriptedService({ result });
  const client = new StyleTransferClient({ baseUrl: server.url });
  const { bytes } = await client.result(jobId);
  assert.ok(whole.equals(bytes));
  return server.seen.map(({ headers }) => [headers.range, headers['if-range']]);
}

describe('downloading a result', { concurrency: true }, () => {
  test('goes on where the connection broke', async () => {
    const answers = [part({ to: 30_000 }), part({ from: 30_000, to: 70_000, status: 206 })];
    const ranges = await download(...answers, part({ from: 70_000, status: 206 }));
    assert.deepEqual(ranges, [
      [undefined, undefined],
      ['bytes=30000-', tag],
      ['bytes=70000-', tag],
    ]);
  });

  test('begins anew where the service sends the whole, or another version', async () => {
    await download(part({ to: 30_000 }), part());
    await download(part({ to: 30_000 }), part({ etag: '"version-2"' }));
  });

  test('asks for the whole where versions cannot be told apart', async () => {
    const ranges = await download(part({ to: 30_000, etag: 'W/"weak"' }), part());
    assert.deepEqual(ranges[1], [undefined, undefined]);
  });

  test('asks for the whole where there is no such rest', async () => {
    const none = service.problem(416, 'range_not_satisfiable', {}, { retryable: false });
    const ranges = await download(part({ to: 30_000 }), none, part());
    assert.deepEqual(ranges.at(-1), [undefined, undefined]);
  });

  test('a rest that begins elsewhere is not put behind what has come', async () => {
    const misplaced: service.Answer = (response) => {
      const headers = { 'content-type': 'image/png', 'content-range': 'bytes 0-99999/100000' };
      response.writeHead(206, headers).end(whole);
    };
    await download(part({ to: 30_000 }), misplaced);
  });
});
