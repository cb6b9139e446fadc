// The door to the words that both apps speak. Its parts know no Azure.

export {
  type BulkPurge,
  type BulkReplay,
  bulkPurgeSchema,
  bulkReplaySchema,
  type DeadLetterItem,
  type DeadLetterList,
  type DeadLetterView,
  deadLetterLimits,
  deadLetterListSchema,
  deadLetterStates,
  deadLetterViewSchema,
} from './dead-letter-wire.ts';
export {
  type BadMessageReason,
  deadLetterName,
  everyLetter,
  recordBadMessage,
  recordFailedJob,
} from './dead-letters.ts';
export { deadlineIn, isOverdue } from './deadline.ts';
export { endProcess } from './end-process.ts';
export { type Environment, parseEnvironment } from './environment.ts';
export {
  type ErrorCode,
  errorCatalogue,
  type FieldProblem,
  isErrorCode,
  JobError,
  messageOf,
  toJobError,
} from './errors.ts';
export { expectationIn } from './expectation.ts';
export {
  type CompletedJob,
  formatVersion,
  isDone,
  isNewerFormat,
  type Job,
  type JobFailure,
  type JobMessage,
  type JobResult,
  jobMessageSchema,
  jobSchema,
  messageFor,
  newJob,
  type Phase,
  type ProcessingJob,
} from './job.ts';
export { type Logger, type LogLevel, logLevels, makeLogger, silentLogger } from './logger.ts';
export { machineMemoryBytes } from './machine-memory.ts';
export {
  type CallOptions,
  type DeadLetter,
  type DeadLetterPage,
  type DeadLetterStore,
  type ImageStore,
  type JobQueue,
  type JobStore,
  type JobSummary,
  LeaseLost,
  type ListedDeadLetter,
  type ListedImage,
  type Mutex,
  type ReceivedMessage,
  type SeenWorker,
  type StoredImage,
  type StoredJob,
  type WaitingMessage,
  type WorkerDirectory,
  type WorkerReport,
} from './ports.ts';
export { readImage } from './read-image.ts';
export { type StorageSettings, storageEnvironment } from './storage-environment.ts';
export {
  contentTypes,
  defaultModel,
  fileExtensions,
  type InputFormat,
  inputFormats,
  type JobParameters,
  limits,
  type OutputFormat,
  outputFormats,
  type SubmissionBody,
  submissionBodySchema,
} from './submission.ts';
export { continueTrace, traceIdOf } from './trace-context.ts';
export { type Claim, holds, type JobEvent, maxAttempts, maxCrashes, transition } from './transition.ts';
export {
  type JobLinks,
  makeProblem,
  type Problem,
  problemSchema,
  type StatusView,
  type SubmissionReceipt,
  statusView,
  statusViewSchema,
  submissionReceiptSchema,
} from './wire.ts';
