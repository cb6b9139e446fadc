// The door to what tests of both apps share.
export { type Certificate, makeCertificate } from './certificate.ts';
export { type FakeIdentity, startFakeIdentity } from './fake-identity.ts';
export { type FakeIngestion, startFakeIngestion } from './fake-ingestion.ts';
export { someJob, someParameters, someResult } from './fixtures.ts';
export {
  makeMemoryDeadLetterStore,
  makeMemoryImageStore,
  makeMemoryJobQueue,
  makeMemoryJobStore,
  makeMemoryMutex,
  makeMemoryWorkerDirectory,
} from './memory.ts';
export { makeMemoryPorts } from './memory-ports.ts';
export { parsePrometheus, sampleValue } from './prometheus-text.ts';
export { until } from './until.ts';
