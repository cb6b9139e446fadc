// The one error of the client: a stable code, whether another try can help, and the job that it is about.
import { messageOf } from '../errors.ts';
import type { Problem, StatusView } from '../wire.ts';

/** Codes that the client gives itself. An error that the service answered keeps the service's own code. */
export type ClientErrorCode =
  /** A parameter that is wrong before anything is sent. */
  | 'invalid_argument'
  /** A file of the caller that cannot be read or written. */
  | 'local_file'
  /** No connection, or a connection that broke. */
  | 'unreachable'
  /** One request without an answer for `requestTimeoutSeconds`. */
  | 'request_timeout'
  /** No try of a submission brought an answer that settles it: the job may have been accepted. */
  | 'submit_uncertain'
  /** An answer that this service does not give: probably another server. */
  | 'unexpected_answer'
  /** The function key is missing or wrong. */
  | 'unauthorized'
  /** An error status without a problem description, such as a gateway's. */
  | 'http_error'
  | 'job_failed'
  | 'job_canceled'
  | 'job_expired'
  /** Done without a result, in a status that this client does not know. */
  | 'job_ended'
  /** The job goes on; only the waiting ended. */
  | 'wait_timeout'
  /** The caller's signal. */
  | 'aborted'
  /** A callback of the caller threw. */
  | 'callback_failed'
  /** A webhook that does not come from the service, or not now. */
  | 'webhook_refused';

export interface StyleTransferErrorFacts {
  readonly retryable?: boolean | undefined;
  /** HTTP status, where the service answered with an error. */
  readonly status?: number | undefined;
  readonly problem?: Problem | undefined;
  readonly jobId?: string | undefined;
  readonly batchId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly job?: StatusView | undefined;
  readonly cause?: unknown;
}

/**
 * Everything that the client throws. `code` is a `ClientErrorCode` or a code of the service; `retryable` tells
 * whether the same call may succeed later; `jobId` is there as soon as a job exists, `batchId` likewise; `job` is the
 * last view of a job that ended without a result, or that was waited for in vain. Whatever became of a submission,
 * sending it again with the `idempotencyKey` of its error makes no second job.
 */
export class StyleTransferError extends Error {
  override readonly name = 'StyleTransferError';
  readonly code: string;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly problem: Problem | undefined;
  readonly jobId: string | undefined;
  readonly batchId: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly job: StatusView | undefined;

  constructor(code: ClientErrorCode | (string & {}), message: string, facts: StyleTransferErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.retryable = facts.retryable ?? false;
    this.status = facts.status;
    this.problem = facts.problem;
    this.jobId = facts.jobId;
    this.batchId = facts.batchId;
    this.idempotencyKey = facts.idempotencyKey;
    this.requestId = facts.requestId ?? facts.problem?.request_id;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.job = facts.job;
  }
}

/** Runs what comes after a submission: whatever it throws, the error names the job or the batch. */
export async function about<T>(subject: Subject, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    if (!(thrown instanceof StyleTransferError)) {
      throw new StyleTransferError('callback_failed', messageOf(thrown), { ...subject, cause: thrown });
    }
    if (thrown.jobId !== undefined || thrown.batchId !== undefined) throw thrown;
    throw withFacts(thrown, subject);
  }
}

interface Subject {
  readonly jobId?: string | undefined;
  readonly batchId?: string | undefined;
}

/** The same error, knowing more. */
export function withFacts(error: StyleTransferError, facts: StyleTransferErrorFacts): StyleTransferError {
  return new StyleTransferError(error.code, error.message, { ...error, cause: error.cause, ...facts });
}
