// The door to the client. Everything but processStyleTransfer runs wherever there is a fetch.
export { type ResultImage, StyleTransferClient, type Submission } from './client.ts';
export { type CallOptions, defaultBaseUrl, type StyleTransferClientOptions } from './client-options.ts';
export { DeadLetterClient, type DeadLetterQuery, type DeadLetterSelection } from './dead-letter-client.ts';
export { type ClientErrorCode, StyleTransferError } from './error.ts';
export type { JobRequest, StyleParameters } from './job-request.ts';
export type { FileJob, FileJobResult } from './process-files.ts';
export type { RetryNotice } from './retry.ts';
export { type CompletedView, requireResult, type WaitOptions } from './wait.ts';
