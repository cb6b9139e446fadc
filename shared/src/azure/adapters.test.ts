// Holds the Azure adapters to the contracts, on a real storage emulator.
import { after, before } from 'node:test';
import { BlobServiceClient } from '@azure/storage-blob';
import { type Emulator, startAzurite } from '../testing/azurite.ts';
import { describeJobQueue } from '../testing/queue-contract.ts';
import {
  describeDeadLetterStore,
  describeImageStore,
  describeJobStore,
  describeWorkerDirectory,
} from '../testing/store-contracts.ts';
import { connectStorage, createContainersAndQueue, type Storage } from './connect.ts';
import { containerNames } from './names.ts';

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
describeDeadLetterStore('azure', () => storage.deadLetters, readLetter);
describeWorkerDirectory('azure', () => storage.workers);

async function readLetter(name: string): Promise<string> {
  const service = BlobServiceClient.fromConnectionString(emulator.connectionString);
  const blob = service.getContainerClient(containerNames.deadLetters).getBlobClient(`${name}.json`);
  return JSON.parse((await blob.downloadToBuffer()).toString()).message;
}
