// Every way in which a request or a job can go wrong, in one table, and the one error class that carries it.

interface ErrorFacts {
  /** HTTP status when a request is refused for this reason. */
  readonly status: number;
  readonly title: string;
  /** Whether the same request or job may succeed when tried again unchanged. */
  readonly retryable: boolean;
}

export const errorCatalogue = {
  // The request as a whole.
  invalid_json: { status: 400, title: 'The body is not valid JSON', retryable: false },
  request_timeout: { status: 408, title: 'The request took too long to arrive', retryable: true },
  body_too_large: { status: 413, title: 'The body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'The body must be JSON', retryable: false },
  unsupported_encoding: { status: 415, title: 'The body must not be compressed', retryable: false },
  invalid_body: { status: 422, title: 'The body is not what this address takes', retryable: false },
  not_found: { status: 404, title: 'There is nothing at this address', retryable: false },
  method_not_allowed: { status: 405, title: 'This address does not take this method', retryable: false },
  job_not_found: { status: 404, title: 'There is no such job', retryable: false },
  job_gone: { status: 410, title: 'The job has been removed', retryable: false },
  batch_not_found: { status: 404, title: 'There is no such batch', retryable: false },
  batch_gone: { status: 410, title: 'The batch has been removed', retryable: false },
  delivery_not_found: { status: 404, title: 'There is no such delivery', retryable: false },
  idempotency_key_invalid: { status: 400, title: 'The Idempotency-Key is not valid', retryable: false },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    retryable: false,
  },
  idempotency_in_flight: {
    status: 409,
    title: 'The request with this Idempotency-Key is still being taken',
    retryable: true,
  },
  range_not_satisfiable: { status: 416, title: 'The picture has no such range', retryable: false },
  precondition_failed: { status: 412, title: 'It is not what the request expects', retryable: false },
  too_many_requests: { status: 429, title: 'Too many such requests are under way', retryable: true },
  too_many_streams: { status: 429, title: 'Too many callers are listening', retryable: true },
  not_completed: { status: 409, title: 'The job has no result', retryable: true },
  result_gone: { status: 410, title: 'The result has been removed', retryable: false },
  queue_full: { status: 429, title: 'Too many jobs are waiting', retryable: true },
  invalid_cursor: { status: 400, title: 'The cursor is not one of ours', retryable: false },
  dead_letter_not_found: { status: 404, title: 'There is no such dead letter', retryable: false },
  not_replayable: { status: 409, title: 'The job cannot be replayed', retryable: false },
  storage_unavailable: { status: 503, title: 'The storage cannot be reached', retryable: true },
  internal_error: { status: 500, title: 'Something went wrong on our side', retryable: true },
  // One field of the request.
  required: { status: 422, title: 'A required field is missing', retryable: false },
  unknown_field: { status: 422, title: 'A field is not known', retryable: false },
  invalid_type: { status: 422, title: 'A field has the wrong type', retryable: false },
  invalid_value: { status: 422, title: 'A field has a value that is not allowed', retryable: false },
  out_of_range: { status: 422, title: 'A number is out of range', retryable: false },
  too_long: { status: 422, title: 'A text is too long', retryable: false },
  invalid_text: { status: 422, title: 'A text is not well-formed Unicode', retryable: false },
  invalid_base64: { status: 422, title: 'An image is not valid base64', retryable: false },
  webhook_url_forbidden: { status: 422, title: 'A webhook address is not allowed', retryable: false },
  webhooks_off: { status: 422, title: 'This service signs no webhooks', retryable: false },
  too_many_jobs: { status: 422, title: 'The batch has too many jobs', retryable: false },
  unknown_model: { status: 422, title: 'There is no such model', retryable: false },
  image_too_large: { status: 413, title: 'An image has too many bytes', retryable: false },
  unsupported_image_format: { status: 415, title: 'An image has an unsupported format', retryable: false },
  image_too_small: { status: 422, title: 'An image has too few pixels', retryable: false },
  too_many_pixels: { status: 422, title: 'An image has too many pixels', retryable: false },
  aspect_ratio: { status: 422, title: 'An image is too long and thin', retryable: false },
  image_corrupt: { status: 422, title: 'An image cannot be decoded', retryable: false },
  // A job, after it was accepted.
  input_missing: { status: 422, title: 'An input image is no longer there', retryable: false },
  model_failed: { status: 500, title: 'The model could not paint this picture', retryable: true },
  model_unavailable: { status: 503, title: 'The model cannot be loaded', retryable: true },
  inference_timeout: { status: 500, title: 'Painting took too long', retryable: true },
  engine_crashed: { status: 500, title: 'The engine process ended while painting', retryable: true },
  out_of_memory: { status: 500, title: 'Painting took more memory than there is', retryable: true },
  worker_crashed: {
    status: 500,
    title: 'The workers that took this job ended without a word',
    retryable: false,
  },
  attempts_exhausted: { status: 500, title: 'Every attempt failed', retryable: false },
  // A message in the queue that is no job of ours.
  bad_message: { status: 422, title: 'A queue message cannot be read', retryable: false },
  record_unreadable: { status: 500, title: 'The record of a job cannot be read', retryable: false },
  newer_version: { status: 500, title: 'Written by a later version of Impasto', retryable: true },
  record_missing: { status: 404, title: 'A queue message names a job without a record', retryable: false },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof errorCatalogue;

/** One thing that is wrong with one field. `pointer` is a JSON Pointer (RFC 6901) into the body. */
export interface FieldProblem {
  readonly pointer: string;
  readonly code: ErrorCode;
  readonly detail: string;
}

interface JobErrorOptions {
  readonly cause?: unknown;
  readonly fields?: readonly FieldProblem[];
  /** Overrides the catalogue: a caller that knows better whether another try can help says so. */
  readonly retryable?: boolean;
  /** After how long another try is worth it, where that is known; a whole number, at least 1. */
  readonly retryAfterSeconds?: number;
  /** Of something that was removed: since when it is gone, as an ISO date. */
  readonly goneAt?: string;
}

/** An error with a stable code; whether it may be tried again is part of it. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;
  readonly goneAt: string | undefined;

  constructor(code: ErrorCode, message: string, options: JobErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? errorCatalogue[code].retryable;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.goneAt = options.goneAt;
  }
}

/** Gives anything thrown a code: what is not ours already is `internal_error`, which may be tried again. */
export function toJobError(thrown: unknown): JobError {
  if (thrown instanceof JobError) return thrown;
  return new JobError('internal_error', messageOf(thrown), { cause: thrown });
}

/** The text of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}
