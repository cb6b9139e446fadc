// Calls a handler as the platform would, without a host. Where the test says at which address, the answer has to be as the
// description of the API has it.
import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { type Problem, silentLogger } from '@impasto/shared';
import { makeConformance, type OpenApiDocument } from '@impasto/shared/testing/conformance';
import { describeApi } from '../describe/document.ts';
import { type Handler, makeFunctionHandler } from '../http/respond.ts';

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly params?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export async function invoke(handler: Handler, call: Call = {}): Promise<Answer> {
  const url = new URL(call.path ?? '/', 'http://localhost:7071');
  const request = new HttpRequest({
    method: call.method ?? 'GET',
    url: url.href,
    params: call.params ?? {},
    query: Object.fromEntries(url.searchParams),
    headers: call.headers ?? {},
    ...(call.body !== undefined && { body: { bytes: Buffer.from(call.body) } }),
  });
  const context = new InvocationContext({ invocationId: '4f0c1a1e-0000-4000-8000-000000000001' });
  const answer = await makeFunctionHandler('test', silentLogger, handler)(request, context);
  const seen: Answer = {
    status: answer.status ?? 200,
    headers: Object.fromEntries(new Headers(answer.headers as Record<string, string>)),
    body: bodyOf(answer),
  };
  if (url.pathname.startsWith('/api')) assertDescribed(request, answer, seen);
  return seen;
}

const conformance = makeConformance(describeApi() as unknown as OpenApiDocument);

/** The platform names the type of JSON itself. Streams are left to the test. */
function assertDescribed({ method, url }: HttpRequest, answer: HttpResponseInit, seen: Answer): void {
  const type = answer.jsonBody === undefined ? {} : { 'content-type': 'application/json' };
  const isRead = answer.jsonBody !== undefined || typeof answer.body === 'string';
  conformance.check({
    method,
    path: url,
    status: seen.status,
    headers: { ...type, ...seen.headers },
    ...(isRead && { body: answer.jsonBody ?? answer.body }),
  });
}

export function postJson(
  handler: Handler,
  body: unknown,
  headers: Record<string, string> = {},
  path = '/api/style-transfer',
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return invoke(handler, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: text,
  });
}

export function problemOf(answer: Answer): Problem {
  return answer.body as Problem;
}

function bodyOf(answer: HttpResponseInit): unknown {
  if (answer.jsonBody !== undefined) return answer.jsonBody;
  const isJson = new Headers(answer.headers as Record<string, string>).get('content-type')?.includes('json');
  return typeof answer.body === 'string' && isJson ? JSON.parse(answer.body) : answer.body;
}
