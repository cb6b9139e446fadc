// Holds the in-memory ports to the contracts that the Azure adapters keep.
import { describeDocumentStore, type Note } from './documents-contract.ts';
import {
  makeMemoryDeadLetterStore,
  makeMemoryDocuments,
  makeMemoryImageStore,
  makeMemoryJobQueue,
  makeMemoryJobStore,
  makeMemoryMutex,
  makeMemoryWorkerDirectory,
} from './memory.ts';
import { describeJobQueue } from './queue-contract.ts';
import {
  describeDeadLetterStore,
  describeImageStore,
  describeJobStore,
  describeMutex,
  describeWorkerDirectory,
} from './store-contracts.ts';

const jobs = makeMemoryJobStore();
const images = makeMemoryImageStore();
const queue = makeMemoryJobQueue();
const deadLetters = makeMemoryDeadLetterStore();
const mutex = makeMemoryMutex();
const workers = makeMemoryWorkerDirectory();
const notes = makeMemoryDocuments<Note>(Date.now, ({ shown }) => shown);

describeJobStore('memory', () => jobs);
describeImageStore('memory', () => images);
describeJobQueue('memory', () => queue);
describeDeadLetterStore('memory', () => deadLetters);
describeMutex('memory', () => mutex);
describeWorkerDirectory('memory', () => workers);
describeDocumentStore('memory', () => notes);
