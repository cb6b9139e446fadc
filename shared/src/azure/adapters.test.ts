// Holds the Azure adapters to the contracts, on a real storage emulator.
import { after, before } from 'node:test';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { describeJobQueue } from '../testing/queue-contract.ts';
import {
  describeDeadLetterStore,
  describeImageStore,
  describeJobStore,
  describeMutex,
  describeWorkerDirectory,
} from '../testing/store-contracts.ts';
import { connectStorage, createContainersAndQueue, type Storage } from './connect.ts';

let emulator: Emulator;
let storage: Storage;

before(async () => {
  emulator = await startAzurite();
  const settings = { STORAGE_CONNECTION_STRING: emulator.connectionString };
  await createContainersAndQueue(settings);
  storage = connectStorage(settings);
});
after(() => emulator.stop());

describeJobStore('azure', () => storage.jobs);
describeImageStore('azure', () => storage.images);
describeJobQueue('azure', () => storage.queue);
describeDeadLetterStore('azure', () => storage.deadLetters);
describeMutex('azure', () => storage.sweeping);
describeWorkerDirectory('azure', () => storage.workers);
