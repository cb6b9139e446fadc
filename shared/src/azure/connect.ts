// From settings to connected adapters: the one place that chooses between managed identity and connection string.
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import {
  batchRecordSchema,
  type Documents,
  deliveryLabel,
  deliveryRecordSchema,
  idempotencyRecordSchema,
  indexEntrySchema,
  reuseRecordSchema,
} from '../documents.ts';
import type {
  CountedQueue,
  DeadLetterStore,
  ImageStore,
  JobQueue,
  JobStore,
  Mutex,
  WorkerDirectory,
} from '../ports.ts';
import type { StorageSettings } from '../storage-environment.ts';
import { makeBlobDeadLetterStore } from './blob-dead-letter-store.ts';
import { makeBlobDocuments } from './blob-documents.ts';
import { makeBlobImageStore } from './blob-image-store.ts';
import { makeBlobJobStore } from './blob-job-store.ts';
import { makeBlobMutex } from './blob-mutex.ts';
import { makeBlobWorkerDirectory } from './blob-worker-directory.ts';
import { makeCredential } from './credential.ts';
import { makeDelegationKey } from './delegation-key.ts';
import { containerNames, queueName, webhookPoisonQueueName, webhookQueueName } from './names.ts';
import { type SignBlob, signWithAccountKey, signWithDelegationKey } from './sign-blob.ts';
import { makeForeignQueue, makeStorageJobQueue } from './storage-job-queue.ts';

export interface Storage extends Documents {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  /** Messages about what receivers are to be told. */
  readonly notices: JobQueue;
  /** Messages about webhooks that the Functions host has given up. */
  readonly poison: CountedQueue;
  readonly deadLetters: DeadLetterStore;
  readonly workers: WorkerDirectory;
  /** The right to look after all jobs. */
  readonly sweeping: Mutex;
}

// Tries and pauses within one call; how long the whole call may take is in call-limits.ts.
const options = { retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 } };

/** @throws Error when neither account nor connection string is given. */
export function connectStorage(settings: StorageSettings): Storage {
  const { blobs, queues } = openServices(settings);
  const container = (name: keyof typeof containerNames) => blobs.getContainerClient(containerNames[name]);
  return {
    ...connectDocuments(container),
    jobs: makeBlobJobStore(container('jobs')),
    images: makeBlobImageStore(blobs, signerFor(blobs, settings)),
    queue: makeStorageJobQueue(queues.getQueueClient(queueName)),
    notices: makeStorageJobQueue(queues.getQueueClient(webhookQueueName)),
    poison: makeForeignQueue(queues.getQueueClient(webhookPoisonQueueName)),
    deadLetters: makeBlobDeadLetterStore(container('deadLetters')),
    workers: makeBlobWorkerDirectory(container('workers')),
    sweeping: makeBlobMutex(container('locks'), 'sweeper'),
  };
}

function connectDocuments(container: (name: keyof typeof containerNames) => ContainerClient): Documents {
  return {
    idempotencyKeys: makeBlobDocuments(
      container('idempotencyKeys'),
      'Idempotency-Key',
      idempotencyRecordSchema,
    ),
    batches: makeBlobDocuments(container('batches'), 'batch', batchRecordSchema),
    deliveries: makeBlobDocuments(container('deliveries'), 'delivery', deliveryRecordSchema, deliveryLabel),
    reuse: makeBlobDocuments(container('reuse'), 'reuse record', reuseRecordSchema),
    jobIndex: makeBlobDocuments(container('jobIndex'), 'index entry', indexEntrySchema),
  };
}

/** Creates what is missing. The emulator's business only: on Azure the templates do it. */
export async function createContainersAndQueue(settings: StorageSettings): Promise<void> {
  const { blobs, queues } = openServices(settings);
  await Promise.all([
    ...Object.values(containerNames).map((name) => blobs.getContainerClient(name).createIfNotExists()),
    ...[queueName, webhookQueueName].map((name) => queues.getQueueClient(name).createIfNotExists()),
  ]);
}

interface Services {
  readonly blobs: BlobServiceClient;
  readonly queues: QueueServiceClient;
}

function openServices(settings: StorageSettings): Services {
  const { STORAGE_CONNECTION_STRING: text } = settings;
  if (text !== undefined) {
    return {
      blobs: BlobServiceClient.fromConnectionString(text, options),
      queues: QueueServiceClient.fromConnectionString(text, options),
    };
  }
  const account = accountName(settings);
  const credential = makeCredential(settings.AZURE_CLIENT_ID);
  return {
    blobs: new BlobServiceClient(`https://${account}.blob.core.windows.net`, credential, options),
    queues: new QueueServiceClient(`https://${account}.queue.core.windows.net`, credential, options),
  };
}

/** Who has the account's key signs with it; an identity is lent one. */
function signerFor(blobs: BlobServiceClient, settings: StorageSettings): SignBlob {
  if (settings.STORAGE_CONNECTION_STRING !== undefined) return signWithAccountKey();
  return signWithDelegationKey(makeDelegationKey(blobs));
}

function accountName(settings: StorageSettings): string {
  if (settings.STORAGE_ACCOUNT_NAME !== undefined) return settings.STORAGE_ACCOUNT_NAME;
  throw new Error(
    'Expected STORAGE_ACCOUNT_NAME or STORAGE_CONNECTION_STRING in the environment, received neither',
  );
}
