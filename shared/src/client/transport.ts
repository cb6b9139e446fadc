// One request and its whole answer: address, key, time limit, retries, and every failure as StyleTransferError.
import { jobIdOf, refusal, type ServiceAnswer, type ServiceRequest } from './answer.ts';
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

/** Sends a request and reads its answer; everything but a 2xx is thrown. Repeats only what is safe to repeat. */
export function send(settings: TransportSettings, request: ServiceRequest): Promise<ServiceAnswer> {
  return withRetries(() => exchange(settings, request), {
    mayRetry: isSubmission(request) ? maySubmitAgain : mayRepeat,
    budgetSeconds: settings.retrySeconds,
    signal: request.signal,
    onRetry: settings.onRetry,
  });
}

function isSubmission({ method, repeatable }: ServiceRequest): boolean {
  return method === 'POST' && repeatable !== true;
}

function mayRepeat({ code, status, problem }: StyleTransferError): boolean {
  if (code === 'unreachable' || code === 'request_timeout') return true;
  if (status === undefined || problem?.retryable === false) return false;
  return status === 408 || status === 429 || status >= 500;
}

/** A submission is repeated only where it cannot have been applied: never sent, or turned away for later. */
function maySubmitAgain({ code, status, retryAfterSeconds }: StyleTransferError): boolean {
  if (code === 'unreachable') return true;
  return (status === 429 || status === 503) && retryAfterSeconds !== undefined;
}

async function exchange(settings: TransportSettings, request: ServiceRequest): Promise<ServiceAnswer> {
  const url = settings.baseUrl + request.path;
  // An accepted job is known from the headers on; the id must survive a body that breaks off.
  let jobId = request.jobId;
  const fetchWhole = async (signal: AbortSignal): Promise<ServiceAnswer> => {
    const response = await settings.fetch(url, { ...requestInit(settings, request), signal });
    jobId ??= jobIdOf(response.headers);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { url, status: response.status, headers: response.headers, bytes };
  };
  const answer = await withDeadline(settings.requestTimeoutSeconds, request.signal, fetchWhole, (cause) =>
    noAnswer(settings, request, jobId, cause),
  ).catch((thrown) => {
    if (thrown instanceof StyleTransferError) throw thrown;
    throw request.signal?.aborted ? aborted(request, jobId) : broken(settings, request, jobId, thrown);
  });
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusal(request, answer);
}

function requestInit(settings: TransportSettings, request: ServiceRequest): RequestInit {
  const headers = new Headers({ 'user-agent': settings.userAgent });
  if (settings.functionKey !== undefined) headers.set('x-functions-key', settings.functionKey);
  if (request.body !== undefined) headers.set('content-type', 'application/json');
  // Redirects are not followed: a submission would turn into a GET, and the key would go to another host.
  const init: RequestInit = { method: request.method, headers, redirect: 'manual' };
  return request.body === undefined ? init : { ...init, body: request.body };
}

function aborted(request: ServiceRequest, jobId: string | undefined): StyleTransferError {
  const doubt = isSubmission(request) && jobId === undefined ? '; the job may have been accepted' : '';
  const cause = request.signal?.reason;
  return new StyleTransferError('aborted', `Interrupted${doubt}.`, { jobId, cause });
}

function noAnswer(
  settings: TransportSettings,
  request: ServiceRequest,
  jobId: string | undefined,
  cause: unknown,
): StyleTransferError {
  const what = `${settings.baseUrl} did not answer completely within ${settings.requestTimeoutSeconds} seconds`;
  if (isSubmission(request)) return uncertain(what, jobId, cause);
  return new StyleTransferError('request_timeout', `${what}.`, { jobId, retryable: true, cause });
}

function broken(
  settings: TransportSettings,
  request: ServiceRequest,
  jobId: string | undefined,
  cause: unknown,
): StyleTransferError {
  const { reason, nothingSent } = explainNetworkFailure(cause);
  const what = `Cannot reach the service at ${settings.baseUrl}: ${reason}`;
  if (isSubmission(request) && !nothingSent) return uncertain(what, jobId, cause);
  return new StyleTransferError('unreachable', `${what}.`, { jobId, retryable: true, cause });
}

function uncertain(what: string, jobId: string | undefined, cause: unknown): StyleTransferError {
  const outcome =
    jobId === undefined
      ? 'the job was sent and may have been accepted, so it is not sent again'
      : `the job was accepted as ${jobId}`;
  return new StyleTransferError('submit_uncertain', `${what}; ${outcome}.`, { jobId, cause });
}
