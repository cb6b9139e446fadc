// The edge of the app: the one place that turns errors into HTTP, and that logs each request.
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import {
  errorCatalogue,
  type JobError,
  type Logger,
  makeProblem,
  toJobError,
  traceIdOf,
} from '@impasto/shared';
import { currentSpan, failSpan, inSpan, type SpanOptions, traceparentOf } from '@impasto/shared/telemetry';
import { routes } from './routes.ts';

/** What a handler knows of the request beside the request itself. */
export interface RequestContext {
  readonly requestId: string;
  readonly traceparent: string;
  readonly log: Logger;
}

export type Handler = (request: HttpRequest, context: RequestContext) => Promise<HttpResponseInit>;
type FunctionHandler = (request: HttpRequest, invocation: InvocationContext) => Promise<HttpResponseInit>;

const standardHeaders = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' };

/** Wraps a handler for the platform: errors become problem documents, every answer carries the request's id. */
export function makeFunctionHandler(name: string, log: Logger, handler: Handler): FunctionHandler {
  const path = pathOf(name);
  return async (request, invocation) => {
    const startedAt = performance.now();
    const options = spanOptions(path, request, invocation);
    return await inSpan(`${request.method} ${path}`, options, async (span) => {
      const traceparent = traceparentOf(span, options.parent);
      const requestId = invocation.invocationId;
      const bound = log.child({ requestId, traceId: traceIdOf(traceparent) });
      const answer = await answerOf(handler, request, { requestId, traceparent, log: bound });
      const ms = Math.round(performance.now() - startedAt);
      const status = answer.status ?? 200;
      span.setAttribute('http.response.status_code', status);
      bound.info('request', { route: name, method: request.method, status, ms });
      return { ...answer, headers: { ...standardHeaders, 'X-Request-Id': requestId, ...answer.headers } };
    });
  };
}

/**
 * A host that makes a span for each request hands over its own in place of what the caller sent; ours is a part of that
 * then. Of the address there is only the route: a wrong one may hold anything.
 */
function spanOptions(path: string, request: HttpRequest, invocation: InvocationContext) {
  const sent = request.headers.get('traceparent');
  const parent = invocation.traceContext?.traceParent || sent;
  const attributes = { 'http.request.method': request.method, 'http.route': path };
  const kind = parent === sent ? 'server' : 'internal';
  return { kind, parent, attributes } satisfies SpanOptions;
}

/** Of the function that answers what has no address, and of one of a test: its name. */
function pathOf(name: string): string {
  const route = routes.find((one) => one.name === name);
  return route ? `/api/${route.path}`.replace(/(?<!\/)\/+$/, '') : name;
}

async function answerOf(
  handler: Handler,
  request: HttpRequest,
  context: RequestContext,
): Promise<HttpResponseInit> {
  try {
    return await handler(request, context);
  } catch (thrown) {
    const error = toJobError(thrown);
    if (errorCatalogue[error.code].status >= 500) {
      context.log.error('request.failed', { error });
      failSpan(currentSpan(), error);
    }
    return problemResponse(error, context.requestId);
  }
}

/** The circuit words its own refusal, and says when to come back; any other outage is in the words of a library. */
function isForCallers({ code, retryAfterSeconds }: JobError): boolean {
  return code !== 'internal_error' && (code !== 'storage_unavailable' || retryAfterSeconds !== undefined);
}

/** RFC 9457. What the storage or our own mistakes have to say belongs in our log; the caller gets the id to find it. */
export function problemResponse(
  error: JobError,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  const { status, title } = errorCatalogue[error.code];
  const detail = isForCallers(error) ? error.message : `${title}; request ${requestId} is in our log`;
  const problem = makeProblem(error.code, { status, title, retryable: error.retryable }, detail, {
    request_id: requestId,
    ...(error.goneAt !== undefined && { gone_at: error.goneAt }),
    ...(error.fields.length > 0 && { errors: [...error.fields] }),
  });
  const retry = error.retryable ? { 'Retry-After': String(error.retryAfterSeconds ?? 2) } : {};
  const type = { 'Content-Type': 'application/problem+json' };
  return { status, body: JSON.stringify(problem), headers: { ...type, ...retry, ...headers } };
}
