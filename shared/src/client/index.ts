// The door to the client. Everything that touches no file runs wherever there is a fetch.
export type { BatchResultsOptions } from './batch-download.ts';
export type { BatchItem, BatchRequest } from './batch-request.ts';
export { type BatchOptions, type BatchSubmission, StyleTransferClient, type Submission } from './client.ts';
export { type CallOptions, defaultBaseUrl, type StyleTransferClientOptions } from './client-options.ts';
export { DeadLetterClient, type DeadLetterQuery, type DeadLetterSelection } from './dead-letter-client.ts';
export type { ResultImage } from './download.ts';
export { type ClientErrorCode, StyleTransferError } from './error.ts';
export type { HandlingParameters, JobRequest, StyleParameters } from './job-request.ts';
export type { JobFilter, JobQuery } from './list.ts';
export type { FileJob, FileJobResult } from './process-files.ts';
export { type CompletedView, requireResult } from './require-result.ts';
export type { RetryNotice } from './retry.ts';
export type { SubmissionFacts, SubmitOptions } from './submit.ts';
export { verifyWebhook, type WebhookRequest } from './verify-webhook.ts';
export type { WaitOptions } from './wait.ts';
