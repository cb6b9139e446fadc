// Calls a handler as the platform would, without a host.
import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { type Problem, silentLogger } from '@impasto/shared';
import { type Handler, makeFunctionHandler } from '../respond.ts';

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
  return {
    status: answer.status ?? 200,
    headers: Object.fromEntries(new Headers(answer.headers as Record<string, string>)),
    body: bodyOf(answer),
  };
}

export function postJson(
  handler: Handler,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return invoke(handler, {
    method: 'POST',
    path: '/api/style-transfer',
    headers: { 'content-type': 'application/json', ...headers },
    body: text,
  });
}

export function problemOf(answer: Answer): Problem {
  return answer.body as Problem;
}

function bodyOf(answer: HttpResponseInit): unknown {
  if (answer.jsonBody !== undefined) return answer.jsonBody;
  return typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body;
}
