// Every port in memory, together: for handlers that need many of them.
import {
  type BatchRecord,
  type DeliveryRecord,
  deliveryLabel,
  type IdempotencyRecord,
  type IndexEntry,
  type ReuseRecord,
} from '../documents.ts';
import type { Clock } from './clock.ts';
import { makeMemoryImageStore, makeMemoryMutex, makeMemoryWorkerDirectory } from './memory.ts';
import { makeMemoryDeadLetterStore } from './memory-dead-letter-store.ts';
import { makeMemoryDocuments } from './memory-documents.ts';
import { makeMemoryJobQueue } from './memory-job-queue.ts';
import { makeMemoryJobStore } from './memory-job-store.ts';

export function makeMemoryPorts(clock: Clock = Date.now) {
  return {
    jobs: makeMemoryJobStore(clock),
    images: makeMemoryImageStore(clock),
    queue: makeMemoryJobQueue(clock),
    notices: makeMemoryJobQueue(clock),
    poison: makeMemoryJobQueue(clock),
    deadLetters: makeMemoryDeadLetterStore(clock),
    workers: makeMemoryWorkerDirectory(clock),
    sweeping: makeMemoryMutex(),
    idempotencyKeys: makeMemoryDocuments<IdempotencyRecord>(clock),
    batches: makeMemoryDocuments<BatchRecord>(clock),
    deliveries: makeMemoryDocuments<DeliveryRecord>(clock, deliveryLabel),
    reuse: makeMemoryDocuments<ReuseRecord>(clock),
    jobIndex: makeMemoryDocuments<IndexEntry>(clock),
  };
}
