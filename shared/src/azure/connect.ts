// From settings to connected adapters: the one place that chooses between managed identity and connection string.
import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { DeadLetterStore, ImageStore, JobQueue, JobStore, Mutex, WorkerDirectory } from '../ports.ts';
import type { StorageSettings } from '../storage-environment.ts';
import { makeBlobDeadLetterStore } from './blob-dead-letter-store.ts';
import { makeBlobImageStore } from './blob-image-store.ts';
import { makeBlobJobStore } from './blob-job-store.ts';
import { makeBlobMutex } from './blob-mutex.ts';
import { makeBlobWorkerDirectory } from './blob-worker-directory.ts';
import { containerNames, queueName } from './names.ts';
import { makeStorageJobQueue } from './storage-job-queue.ts';

export interface Storage {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly deadLetters: DeadLetterStore;
  readonly workers: WorkerDirectory;
  /** The right to look after all jobs. */
  readonly sweeping: Mutex;
}

// Tries and pauses within one call; how long the whole call may take is in call-limits.ts.
const options = { retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 } };

/** @throws Error when neither account nor connection string is given. */
export function connectStorage(settings: StorageSettings): Storage {
  const blobs = blobService(settings);
  const container = (name: keyof typeof containerNames) => blobs.getContainerClient(containerNames[name]);
  return {
    jobs: makeBlobJobStore(container('jobs')),
    images: makeBlobImageStore(blobs),
    queue: makeStorageJobQueue(queueService(settings).getQueueClient(queueName)),
    deadLetters: makeBlobDeadLetterStore(container('deadLetters')),
    workers: makeBlobWorkerDirectory(container('workers')),
    sweeping: makeBlobMutex(container('locks'), 'sweeper'),
  };
}

/** Creates what is missing. The emulator's business only: on Azure the templates do it. */
export async function createContainersAndQueue(settings: StorageSettings): Promise<void> {
  const blobs = blobService(settings);
  await Promise.all([
    ...Object.values(containerNames).map((name) => blobs.getContainerClient(name).createIfNotExists()),
    queueService(settings).getQueueClient(queueName).createIfNotExists(),
  ]);
}

function blobService(settings: StorageSettings): BlobServiceClient {
  if (settings.STORAGE_CONNECTION_STRING !== undefined) {
    return BlobServiceClient.fromConnectionString(settings.STORAGE_CONNECTION_STRING, options);
  }
  const url = `https://${accountName(settings)}.blob.core.windows.net`;
  return new BlobServiceClient(url, new DefaultAzureCredential(), options);
}

function queueService(settings: StorageSettings): QueueServiceClient {
  if (settings.STORAGE_CONNECTION_STRING !== undefined) {
    return QueueServiceClient.fromConnectionString(settings.STORAGE_CONNECTION_STRING, options);
  }
  const url = `https://${accountName(settings)}.queue.core.windows.net`;
  return new QueueServiceClient(url, new DefaultAzureCredential(), options);
}

function accountName(settings: StorageSettings): string {
  if (settings.STORAGE_ACCOUNT_NAME !== undefined) return settings.STORAGE_ACCOUNT_NAME;
  throw new Error(
    'Expected STORAGE_ACCOUNT_NAME or STORAGE_CONNECTION_STRING in the environment, received neither',
  );
}
