// The door to the words that both apps speak. Its parts know no Azure.

export {
  type BatchJobView,
  type BatchLinks,
  type BatchStatus,
  type BatchView,
  batchStatuses,
  batchViewSchema,
} from './batch-wire.ts';
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
export {
  type DeliveryList,
  type DeliveryState,
  type DeliveryView,
  deliveryListSchema,
  deliveryStates,
  deliveryViewSchema,
  type WebhookPayload,
  webhookPayloadSchema,
} from './delivery-wire.ts';
export {
  type BatchRecord,
  type DeliveryAttempt,
  type DeliveryRecord,
  type Documents,
  deliveryName,
  everyDocument,
  type IdempotencyRecord,
  type IndexEntry,
  type ReuseRecord,
} from './documents.ts';
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
  type JobWebhook,
  jobMessageSchema,
  jobSchema,
  messageFor,
  newJob,
  ownInputsOf,
  type Phase,
  type ProcessingJob,
  reusedJob,
  thumbnailKeyOf,
} from './job.ts';
export { indexNameOf, jobIdInIndexName } from './job-index.ts';
export { type LimitsFacts, type LimitsView, limitsView, limitsViewSchema } from './limits-wire.ts';
export { type Logger, type LogLevel, logLevels, makeLogger, silentLogger } from './logger.ts';
export { machineMemoryBytes } from './machine-memory.ts';
export { announce, deliveryIdOf, eventOf, type Notice, noticeFor, noticeSchema } from './notices.ts';
export {
  type CallOptions,
  type CountedQueue,
  type DeadLetter,
  type DeadLetterPage,
  type DeadLetterStore,
  type DocumentStore,
  type ImageStore,
  type JobQueue,
  type JobStore,
  type JobSummary,
  LeaseLost,
  type ListedDeadLetter,
  type ListedDocument,
  type ListedImage,
  type Mutex,
  type ReceivedMessage,
  type SeenWorker,
  type SignedAddress,
  type StoredDocument,
  type StoredImage,
  type StoredJob,
  type WaitingMessage,
  type WorkerDirectory,
  type WorkerReport,
} from './ports.ts';
export { readImage } from './read-image.ts';
export { keptUntil, picturesAreGone, type RetentionSettings, retentionHoursOf } from './retention.ts';
export { retryAfterSeconds } from './retry-after.ts';
export { type Picture, reuseKey } from './reuse-key.ts';
export { type StorageSettings, storageEnvironment } from './storage-environment.ts';
export {
  type BatchBody,
  batchBodySchema,
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
  type WebhookEvent,
  webhookEvents,
} from './submission.ts';
export { type TelemetrySettings, telemetryEnvironment } from './telemetry-environment.ts';
export { continueTrace, traceIdOf } from './trace-context.ts';
export { type Claim, holds, type JobEvent, maxAttempts, maxCrashes, transition } from './transition.ts';
export {
  decodeWebhookSecret,
  signatureVersion,
  signedContent,
  webhookHeaders,
} from './webhook-signature.ts';
export {
  errorViewSchema,
  type JobLinks,
  type JobList,
  jobLinksSchema,
  jobListSchema,
  makeProblem,
  type Problem,
  problemSchema,
  type ResultAddresses,
  type StatusView,
  type SubmissionReceipt,
  statusView,
  statusViewSchema,
  submissionReceiptSchema,
  type ViewFacts,
  type WaitView,
  waitViewSchema,
} from './wire.ts';
