// A storage that takes every request and never answers, as a black-holed connection does.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { limited } from './call-limits.ts';
import { connectStorage, type Storage } from './connect.ts';

let server: Server;
let storage: Storage;

before(async () => {
  server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account`;
  const key = Buffer.from('key').toString('base64');
  const parts = ['DefaultEndpointsProtocol=http', 'AccountName=account', `AccountKey=${key}`];
  const endpoints = [`BlobEndpoint=${url}`, `QueueEndpoint=${url}`];
  storage = connectStorage({ STORAGE_CONNECTION_STRING: [...parts, ...endpoints].join(';') });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

describe('a storage that never answers', () => {
  it('lets go of a caller whose signal aborts', async () => {
    const signal = () => AbortSignal.timeout(100);
    const calls = [
      storage.jobs.get(randomUUID(), { signal: signal() }),
      storage.queue.receive(30, { signal: signal() }),
      storage.images.put(`results/${randomUUID()}`, Buffer.from('x'), 'image/png', { signal: signal() }),
      storage.workers.list({ signal: signal() }),
      storage.batches.get(randomUUID(), { signal: signal() }),
      storage.reuse.create('picture', { jobId: randomUUID() }, { signal: signal() }),
      storage.jobIndex.list({ limit: 10 }, { signal: signal() }),
    ];
    for (const outcome of await Promise.allSettled(calls)) assert.equal(outcome.status, 'rejected');
  });

  it('has every call limited in time, whether or not the caller brings a signal', async () => {
    const { abortSignal } = limited({}, 0.05);
    const both = limited({ signal: new AbortController().signal }, 0.05).abortSignal;
    await new Promise((resolve) => abortSignal.addEventListener('abort', resolve));
    await new Promise((resolve) => (both.aborted ? resolve(0) : both.addEventListener('abort', resolve)));
    assert.ok(abortSignal.aborted && both.aborted);
  });
});
