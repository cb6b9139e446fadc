// Holds the in-memory ports to the contracts that the Azure adapters keep.
import {
  makeMemoryDeadLetterStore,
  makeMemoryImageStore,
  makeMemoryJobQueue,
  makeMemoryJobStore,
  makeMemoryWorkerDirectory,
} from './memory.ts';
import { describeJobQueue } from './queue-contract.ts';
import {
  describeDeadLetterStore,
  describeImageStore,
  describeJobStore,
  describeWorkerDirectory,
} from './store-contracts.ts';

const jobs = makeMemoryJobStore();
const images = makeMemoryImageStore();
const queue = makeMemoryJobQueue();
const deadLetters = makeMemoryDeadLetterStore();
const workers = makeMemoryWorkerDirectory();

describeJobStore('memory', () => jobs);
describeImageStore('memory', () => images);
describeJobQueue('memory', () => queue);
describeDeadLetterStore(
  'memory',
  () => deadLetters,
  async (name) => deadLetters.letters.get(name)?.message,
);
describeWorkerDirectory('memory', () => workers);
