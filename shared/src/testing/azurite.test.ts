import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { type Emulator, startAzurite } from './azurite.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'impasto-azurite-'));
after(() => rm(dataDir, { recursive: true, force: true }));

function clients({ connectionString }: Emulator) {
  return {
    container: BlobServiceClient.fromConnectionString(connectionString).getContainerClient('pictures'),
    queue: QueueServiceClient.fromConnectionString(connectionString).getQueueClient('jobs'),
  };
}

async function fill(emulator: Emulator): Promise<void> {
  const { container, queue } = clients(emulator);
  await Promise.all([container.create(), queue.create()]);
  await container.getBlockBlobClient('small').upload('a record', 8);
  await container.getBlockBlobClient('large').uploadData(Buffer.alloc(3 * 1024 * 1024, 7));
  await queue.sendMessage('first', { messageTimeToLive: -1 });
  await queue.sendMessage('second', { messageTimeToLive: -1 });
}

async function assertFilled(emulator: Emulator): Promise<void> {
  const { container, queue } = clients(emulator);
  assert.equal((await container.getBlobClient('small').downloadToBuffer()).toString(), 'a record');
  const large = await container.getBlobClient('large').downloadToBuffer();
  assert.deepEqual(large, Buffer.alloc(3 * 1024 * 1024, 7));
  const peeked = await queue.peekMessages({ numberOfMessages: 5 });
  assert.deepEqual(
    peeked.peekedMessageItems.map((message) => message.messageText),
    ['first', 'second'],
  );
}

test('blobs and queue messages written with the real SDK come back', async () => {
  const emulator = await startAzurite();
  await fill(emulator);
  await assertFilled(emulator);
  await emulator.stop();
});

test('two emulators in one process know nothing of each other', async () => {
  const [first, second] = await Promise.all([startAzurite(), startAzurite()]);
  await fill(first);
  assert.equal(await clients(second).container.exists(), false);
  await fill(second);
  await second.stop();
  await assertFilled(first);
  await first.stop();
});

test('what a folder holds survives a restart, a write just before the stop included', async () => {
  const before = await startAzurite({ dataDir });
  await fill(before);
  await before.stop();
  const again = await startAzurite({ dataDir });
  await assertFilled(again);
  await again.stop();
});

test('a message that a receiver held at the stop comes back after its time, not before', async () => {
  const first = await startAzurite({ dataDir: join(dataDir, 'held') });
  await fill(first);
  await clients(first).queue.receiveMessages({ numberOfMessages: 1, visibilityTimeout: 600 });
  await first.stop();
  const second = await startAzurite({ dataDir: join(dataDir, 'held') });
  const { receivedMessageItems } = await clients(second).queue.receiveMessages({ numberOfMessages: 5 });
  assert.deepEqual(
    receivedMessageItems.map((message) => message.messageText),
    ['second'],
  );
  const { approximateMessagesCount } = await clients(second).queue.getProperties();
  assert.equal(approximateMessagesCount, 2);
  await second.stop();
});

test('a stop twice is one stop', async () => {
  const emulator = await startAzurite();
  await Promise.all([emulator.stop(), emulator.stop()]);
  await assert.rejects(fetch(connectionUrl(emulator)));
});

function connectionUrl({ connectionString }: Emulator): string {
  return /BlobEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '';
}
