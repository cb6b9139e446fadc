// What an answer of the service says: JSON of a known shape, a problem description, or something else altogether.
import { type ZodType, z } from 'zod';
import { retryAfterSeconds } from '../retry-after.ts';
import { problemSchema } from '../wire.ts';
import { StyleTransferError } from './error.ts';

/** Every request is one that, sent twice, does no more than sent once: a submission by its idempotency key. */
export interface ServiceRequest extends Subject {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of a submission; also sent as a header. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a request is about, where that is known: every error names it. */
export interface Subject {
  readonly jobId?: string | undefined;
  readonly batchId?: string | undefined;
}

export interface ServiceAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

const idAtEnd = /(\/batch)?\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The job or the batch that the request, or else the `Location` of its answer, names. */
export function subjectOf({ jobId, batchId }: Subject, headers?: Headers): Subject {
  if (jobId !== undefined || batchId !== undefined) return { jobId, batchId };
  const [, batch, id] = idAtEnd.exec(headers?.get('location') ?? '') ?? [];
  return batch === undefined ? { jobId: id } : { batchId: id };
}

/** Turns an answer that is no success into the error that the service meant. */
export function refusal(request: ServiceRequest, answer: ServiceAnswer): StyleTransferError {
  const { status, headers, url } = answer;
  const parsed = problemSchema.safeParse(parseJson(answer));
  const problem = parsed.success ? parsed.data : undefined;
  const facts = {
    status,
    problem,
    ...subjectOf(request),
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
    ...subjectOf({ ...request, ...(request.jobId === undefined && idsIn(value)) }, answer.headers),
    cause: parsed.error,
  });
}

function idsIn(value: unknown): Subject {
  const ids = z.object({ job_id: z.string().optional(), batch_id: z.string().nullish() }).safeParse(value);
  const { job_id: jobId, batch_id: batchId } = ids.data ?? {};
  return jobId === undefined ? { batchId: batchId ?? undefined } : { jobId };
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
