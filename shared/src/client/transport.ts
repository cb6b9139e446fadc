// One request and its whole answer: address, key, time limit, retries, and every failure as StyleTransferError.
import { refusal, type ServiceAnswer, type ServiceRequest, type Subject, subjectOf } from './answer.ts';
import { StyleTransferError } from './error.ts';
import { explainNetworkFailure } from './network-failure.ts';
import { type RetryNotice, withDeadline, withRetries } from './retry.ts';

export interface TransportSettings {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly functionKey?: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly requestTimeoutSeconds: number;
  readonly retrySeconds: number;
  readonly userAgent: string;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** Sends a request and reads its whole answer; everything but a 2xx, or a 304 that was asked for, is thrown. */
export function send(settings: TransportSettings, request: ServiceRequest): Promise<ServiceAnswer> {
  return repeated(settings, request, () => exchange(settings, request, wholeBody));
}

/** Tries until there is an answer, patience is at its end, or another try cannot help. */
export async function repeated<T>(
  settings: TransportSettings,
  request: ServiceRequest,
  attempt: () => Promise<T>,
): Promise<T> {
  const { signal } = request;
  const { retrySeconds: budgetSeconds, onRetry } = settings;
  let unclear: StyleTransferError | undefined;
  const watched = () =>
    attempt().catch((thrown) => {
      const isUnclear = thrown instanceof StyleTransferError && thrown.code === 'submit_uncertain';
      // One that knows the id already knows the most.
      if (isUnclear && unclear?.jobId === undefined && unclear?.batchId === undefined) unclear = thrown;
      throw thrown;
    });
  try {
    return await withRetries(watched, { mayRetry: mayRepeat, budgetSeconds, signal, onRetry });
  } catch (thrown) {
    if (!unclear || !(thrown instanceof StyleTransferError) || !mayRepeat(thrown)) throw thrown;
    if (thrown.code === 'submit_uncertain') throw unclear;
    const { jobId, batchId } = unclear;
    throw uncertain({ ...request, jobId, batchId }, thrown.message, thrown);
  }
}

function mayRepeat({ code, status, problem }: StyleTransferError): boolean {
  if (code === 'unreachable' || code === 'request_timeout' || code === 'submit_uncertain') return true;
  if (status === undefined || problem?.retryable === false) return false;
  return status === 408 || status === 429 || status >= 500 || code === 'idempotency_in_flight';
}

type Receive = (response: Response) => Promise<Uint8Array>;

async function wholeBody(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** One try, within the time limit. `receive` reads the body of whatever is answered. */
export async function exchange(
  settings: TransportSettings,
  request: ServiceRequest,
  receive: Receive,
): Promise<ServiceAnswer> {
  const url = settings.baseUrl + request.path;
  // An accepted job is known from the headers on; the id must survive a body that breaks off.
  let subject = subjectOf(request);
  const fetchWhole = async (signal: AbortSignal): Promise<ServiceAnswer> => {
    const response = await settings.fetch(url, { ...requestInit(settings, request), signal });
    subject = subjectOf(request, response.headers);
    return { url, status: response.status, headers: response.headers, bytes: await receive(response) };
  };
  const answer = await withDeadline(settings.requestTimeoutSeconds, request.signal, fetchWhole, (cause) =>
    noAnswer(settings, request, subject, cause),
  ).catch((thrown) => {
    throw failureOf(settings, request, subject, thrown);
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  if (answer.status === 304 && request.headers?.['if-none-match'] !== undefined) return answer;
  throw refusal(request, answer);
}

/** Headers and address of a request, without body and signal. */
export function requestInit(settings: TransportSettings, request: ServiceRequest): RequestInit {
  const headers = new Headers({ 'user-agent': settings.userAgent, ...request.headers });
  if (settings.functionKey !== undefined) headers.set('x-functions-key', settings.functionKey);
  if (request.body !== undefined) headers.set('content-type', 'application/json');
  if (request.idempotencyKey !== undefined) headers.set('idempotency-key', request.idempotencyKey);
  // Redirects are not followed: a submission would turn into a GET, and the key would go to another host.
  const init: RequestInit = { method: request.method, headers, redirect: 'manual' };
  return request.body === undefined ? init : { ...init, body: request.body };
}

/** What a request that got no whole answer failed of. */
export function failureOf(
  settings: TransportSettings,
  request: ServiceRequest,
  subject: Subject,
  thrown: unknown,
): StyleTransferError {
  if (thrown instanceof StyleTransferError) return thrown;
  return request.signal?.aborted ? aborted(request, subject) : broken(settings, request, subject, thrown);
}

/** The time limit of the request is over. */
export function noAnswer(
  settings: TransportSettings,
  request: ServiceRequest,
  subject: Subject,
  cause: unknown,
): StyleTransferError {
  const what = `${settings.baseUrl} did not answer completely within ${settings.requestTimeoutSeconds} seconds.`;
  return lost('request_timeout', request, subject, what, cause);
}

function aborted(request: ServiceRequest, subject: Subject): StyleTransferError {
  const unknown = subject.jobId === undefined && subject.batchId === undefined;
  const doubt = request.idempotencyKey !== undefined && unknown ? '; the job may have been accepted' : '';
  const cause = request.signal?.reason;
  return new StyleTransferError('aborted', `Interrupted${doubt}.`, { ...subject, cause });
}

function broken(
  settings: TransportSettings,
  request: ServiceRequest,
  subject: Subject,
  cause: unknown,
): StyleTransferError {
  const { reason, nothingSent } = explainNetworkFailure(cause);
  const what = `Cannot reach the service at ${settings.baseUrl}: ${reason}.`;
  if (nothingSent) return new StyleTransferError('unreachable', what, { ...subject, retryable: true, cause });
  return lost('unreachable', request, subject, what, cause);
}

/** No answer to a request that was sent; of a submission nobody knows then what became of it. */
function lost(
  code: 'unreachable' | 'request_timeout',
  request: ServiceRequest,
  subject: Subject,
  what: string,
  cause: unknown,
): StyleTransferError {
  if (request.idempotencyKey !== undefined) return uncertain({ ...request, ...subject }, what, cause);
  return new StyleTransferError(code, what, { ...subject, retryable: true, cause });
}

function uncertain(request: ServiceRequest, what: string, cause: unknown): StyleTransferError {
  const { jobId, batchId, idempotencyKey } = request;
  const id = jobId ?? batchId;
  const outcome =
    id === undefined
      ? `What was sent may have been accepted; sent again with the idempotency key ${idempotencyKey}, it is not done twice.`
      : `It was accepted as ${id}.`;
  const facts = { jobId, batchId, idempotencyKey, cause };
  return new StyleTransferError('submit_uncertain', `${what} ${outcome}`, facts);
}
