// What an answer of the service says: JSON of a known shape, a problem description, or something else altogether.
import type { ZodType } from 'zod';
import { problemSchema } from '../wire.ts';
import { StyleTransferError } from './error.ts';
import { retryAfterSeconds } from './retry.ts';

export interface ServiceRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Of a POST that, sent twice, does no more than sent once. */
  readonly repeatable?: boolean;
  readonly body?: string;
  readonly jobId?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ServiceAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

const jobIdAtEnd = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of the job that the `Location` of an answer names. */
export function jobIdOf(headers: Headers): string | undefined {
  return jobIdAtEnd.exec(headers.get('location') ?? '')?.[0];
}

/** Turns an answer that is no success into the error that the service meant. */
export function refusal(request: ServiceRequest, answer: ServiceAnswer): StyleTransferError {
  const { status, headers, url } = answer;
  const parsed = problemSchema.safeParse(parseJson(answer));
  const problem = parsed.success ? parsed.data : undefined;
  const facts = {
    status,
    problem,
    jobId: request.jobId,
    requestId: problem?.request_id ?? headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(headers),
    retryable: problem?.retryable ?? (status === 408 || status === 429 || status >= 500),
  };
  const where = `${request.method} ${url}`;
  if (problem) {
    const address = problem.code === 'not_found' ? ` (${where})` : '';
    return new StyleTransferError(problem.code, sentences(problem.title, problem.detail) + address, facts);
  }
  if (status === 401 || status === 403) {
    const message = `The service refused ${where} with status ${status}: the function key is missing or wrong.`;
    return new StyleTransferError('unauthorized', message, facts);
  }
  if (status >= 400) {
    const message = `The service answered ${where} with status ${status} and ${bodyInWords(answer)}.`;
    return new StyleTransferError('http_error', message, facts);
  }
  const target = headers.get('location');
  const message = target
    ? `The service answered ${where} with a redirect to ${target}; use that address as its base URL.`
    : `Expected an answer of the service from ${where}, received status ${status}.`;
  return new StyleTransferError('unexpected_answer', message, facts);
}

/** Joins title and detail, unless the detail says it all. */
function sentences(title: string, detail: string): string {
  const end = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
  return detail === '' || detail === title ? end(title) : `${title}: ${end(detail)}`;
}

/** Reads a JSON answer of the given shape; another shape or another server is an `unexpected_answer`. */
export function readJson<T>(
  schema: ZodType<T>,
  what: string,
  request: ServiceRequest,
  answer: ServiceAnswer,
): T {
  const value = parseJson(answer);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const received =
    value === undefined
      ? `${bodyInWords(answer)}; is this the address of the service`
      : `JSON in which "${issue?.path.join('.')}" is wrong (${issue?.message})`;
  const message = `Expected ${what} from ${request.method} ${answer.url}, received ${received}${value === undefined ? '?' : '.'}`;
  throw new StyleTransferError('unexpected_answer', message, {
    jobId: request.jobId ?? idIn(value) ?? jobIdOf(answer.headers),
    cause: parsed.error,
  });
}

function idIn(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'job_id' in value ? value.job_id : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** The JSON of a body, or undefined where it is none. */
function parseJson(answer: ServiceAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(answer.bytes));
  } catch {
    return undefined;
  }
}

function bodyInWords({ bytes, headers }: ServiceAnswer): string {
  if (bytes.length === 0) return 'an empty body';
  const type = headers.get('content-type')?.split(';')[0] ?? 'a body of unknown type';
  const start = new TextDecoder().decode(bytes.subarray(0, 200)).replace(/\s+/g, ' ').trim();
  return `${type} ("${start.length > 60 ? `${start.slice(0, 60)}...` : start}")`;
}
