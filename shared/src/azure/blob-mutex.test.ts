import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { makeBlobMutex } from './blob-mutex.ts';

let emulator: Emulator;
let container: ContainerClient;

before(async () => {
  emulator = await startAzurite();
  container = BlobServiceClient.fromConnectionString(emulator.connectionString).getContainerClient('locks');
  await container.create();
});
after(() => emulator.stop());

describe('the right to look after all jobs', () => {
  it('tells the work to end before the platform would', async () => {
    const mutex = makeBlobMutex(container, 'sweeper', { workSeconds: 0.1 });
    const ran = await mutex.tryRun(async (signal) => {
      if (!signal.aborted) await once(signal, 'abort');
      assert.equal(signal.reason.name, 'TimeoutError');
    });
    assert.equal(ran, true);
  });

  it('is kept from other processes, too, and ends the work with its caller', async () => {
    const [one, other] = [makeBlobMutex(container, 'shared'), makeBlobMutex(container, 'shared')];
    const caller = new AbortController();
    await one.tryRun(
      async (signal) => {
        assert.equal(await other.tryRun(async () => assert.fail('expected the right to be taken')), false);
        caller.abort();
        assert.equal(signal.aborted, true);
      },
      { signal: caller.signal },
    );
    assert.equal(await other.tryRun(async () => {}), true);
  });
});
