// A write whose answer gets lost on its way: carried out by the storage, unheard by us, sent again by the SDK.
import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { someJob } from '../testing/fixtures.ts';
import { transition } from '../transition.ts';
import { connectStorage, createContainersAndQueue, type Storage } from './connect.ts';

const at = '2026-01-02T03:04:06.000Z';
let emulator: Emulator;
let proxy: Server;
let storage: Storage;
/** How many of the coming writes are carried out and then cut off before their answer. */
let answersToLose = 0;
let lost = 0;

before(async () => {
  emulator = await startAzurite();
  await createContainersAndQueue({ STORAGE_CONNECTION_STRING: emulator.connectionString });
  const target = new URL(/BlobEndpoint=([^;]+)/.exec(emulator.connectionString)?.[1] ?? '');
  proxy = startProxy(target);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const port = (proxy.address() as AddressInfo).port;
  const connectionString = emulator.connectionString.replace(target.host, `127.0.0.1:${port}`);
  storage = connectStorage({ STORAGE_CONNECTION_STRING: connectionString });
});
after(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await emulator.stop();
});

describe('a write whose answer is lost', () => {
  it('is recognised as our own when it was a creation', async () => {
    const job = someJob();
    answersToLose = 1;
    await storage.jobs.create(job);
    assert.equal(answersToLose, 0);
    assert.deepEqual((await storage.jobs.get(job.jobId))?.job, job);
  });

  it('is recognised as our own when it was a change, which is made once', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    answersToLose = 1;
    const before = lost;
    const claimed = await storage.jobs.update(job.jobId, (now) =>
      transition(now, { type: 'claimed', owner: 'me', at }),
    );
    assert.equal(lost, before + 1);
    assert.equal(claimed.attempt, 1);
    assert.deepEqual((await storage.jobs.get(job.jobId))?.job, claimed);
  });

  it('does not hide that somebody else wrote', async () => {
    const job = someJob();
    await storage.jobs.create(job);
    await assert.rejects(storage.jobs.create({ ...job, createdAt: at }), /found one/);
  });
});

function startProxy(target: URL): Server {
  return createServer((incoming, outgoing) => {
    const options = {
      host: target.hostname,
      port: target.port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
    };
    const forward = request(options, (answer) => {
      if (incoming.method === 'PUT' && answersToLose > 0) {
        answersToLose -= 1;
        lost += 1;
        answer.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forward);
  });
}
