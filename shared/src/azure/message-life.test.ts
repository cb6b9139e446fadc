// How long a message lives: as long as it takes. Nobody is told when the service lets one expire.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { QueueServiceClient } from '@azure/storage-queue';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { connectStorage, createContainersAndQueue } from './connect.ts';
import { queueName } from './names.ts';

let emulator: Emulator;
before(async () => {
  emulator = await startAzurite();
});
after(() => emulator.stop());

it('a message never expires', async () => {
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  await connectStorage(settings).queue.send('for as long as it takes');
  const queue = QueueServiceClient.fromConnectionString(emulator.connectionString).getQueueClient(queueName);
  const [message] = (await queue.peekMessages()).peekedMessageItems;
  assert.ok(message && message.expiresOn.getUTCFullYear() > 2200, `expires on ${message?.expiresOn}`);
});
