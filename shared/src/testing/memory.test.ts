// Holds the in-memory ports to the contracts that the Azure adapters keep.
import {
  makeMemoryDeadLetterStore,
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

describeJobStore('memory', () => jobs);
describeImageStore('memory', () => images);
describeJobQueue('memory', () => queue);
describeDeadLetterStore('memory', () => deadLetters);
describeMutex('memory', () => mutex);
describeWorkerDirectory('memory', () => workers);
