// For tests: an HTTP server on a real socket that speaks the wire contract as a script tells it to.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StatusView } from '../wire.ts';
import { StyleTransferError } from './error.ts';

export const jobId = '3e2d7a44-0a53-4f0e-8d8b-7f9f0c0b1f3a';
export const resultBytes = new TextEncoder().encode('the painted picture');
const createdAt = '2030-01-01T00:00:00.000Z';

export interface SeenRequest {
  readonly route: Route;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;
export type Route = 'submit' | 'status' | 'result' | 'dead-letters';
/** Answers in order; the last one is repeated. */
export type Script = Partial<Record<Route, readonly Answer[]>>;

export interface ScriptedService extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  count(route: Route): number;
}

export async function startScriptedService(script: Script): Promise<ScriptedService> {
  const seen: SeenRequest[] = [];
  const count = (route: Route) => seen.filter((request) => request.route === route).length;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = request.url ?? '';
    const route = routeOf(url);
    const answers = script[route] ?? [];
    const answer = answers[Math.min(count(route), answers.length - 1)];
    const body = Buffer.concat(chunks).toString();
    const { method = '', headers } = request;
    const entry: SeenRequest = { route, method, url, headers, body };
    seen.push(entry);
    if (answer) answer(response, entry);
    else problem(404, 'not_found')(response, entry);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, seen, count, [Symbol.asyncDispose]: close };
}

function routeOf(url: string): Route {
  if (url.includes('/api/dead-letters')) return 'dead-letters';
  if (url.includes('/api/status/')) return 'status';
  return url.includes('/api/result/') ? 'result' : 'submit';
}

type Headers = Readonly<Record<string, string>>;

export function json(status: number, body: unknown, headers: Headers = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

export function accepted(overrides: object = {}, headers: Headers = {}): Answer {
  const receipt = {
    job_id: jobId,
    status: 'queued',
    done: false,
    created_at: createdAt,
    estimated_wait_time: '30-120 seconds for first request',
    estimated_wait_seconds: { low: 30, high: 120 },
    status_url: `/api/status/${jobId}`,
    result_url: `/api/result/${jobId}`,
    ...overrides,
  };
  return json(202, receipt, { location: `/api/status/${jobId}`, ...headers });
}

export function statusView(overrides: Partial<StatusView> & Record<string, unknown> = {}): StatusView {
  return {
    job_id: jobId,
    status: 'processing',
    done: false,
    phase: 'stylizing',
    progress: 0.4,
    created_at: createdAt,
    started_at: createdAt,
    completed_at: null,
    attempt: 1,
    status_url: `/api/status/${jobId}`,
    ...overrides,
  };
}

export function completedView(): StatusView {
  return statusView({
    status: 'completed',
    done: true,
    phase: 'done',
    progress: 1,
    completed_at: createdAt,
    result: {
      result_url: `/api/result/${jobId}`,
      width: 64,
      height: 48,
      format: 'png',
      bytes: resultBytes.length,
      processing_time: 1.5,
      model: 'impasto-v1',
      execution_provider: 'cpu',
      timings: { stylize: 1000 },
      prompt: { applied: ['vibrant'], ignored: ['gloomy'] },
      ignored_parameters: [],
    },
  });
}

export const running: Answer = json(200, statusView());
export const completed: Answer = json(200, completedView());

/** The views of jobs that ended without a result. */
export const failed: Answer = json(
  200,
  statusView({
    status: 'failed',
    done: true,
    error: { code: 'image_corrupt', message: 'The content image cannot be decoded.', retryable: false },
  }),
);

export function ended(status: string): Answer {
  return json(200, statusView({ status, done: true, phase: 'done' }));
}

export const picture: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'image/png', 'content-length': resultBytes.length });
  response.end(resultBytes);
};

export function problem(status: number, code: string, headers: Headers = {}, more: object = {}): Answer {
  const body = {
    type: `https://example.com/${code}`,
    title: `Title of ${code}`,
    status,
    detail: `Detail of ${code}`,
    code,
    retryable: status >= 429,
    request_id: 'request-7',
    ...more,
  };
  return json(status, body, { 'content-type': 'application/problem+json', ...headers });
}

export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy();
};

/** Promises more bytes than it sends. */
export const truncated: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'image/png', 'content-length': 1000 });
  response.write('half', () => response.destroy());
};

export const html: Answer = (response) => {
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end('<!doctype html><p>Welcome</p>');
};

/** Never answers. */
export const silence: Answer = () => {};

/** What a call of the client is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<StyleTransferError> {
  const thrown = await promise.then(
    () => assert.fail('Expected a rejection.'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof StyleTransferError, String(thrown));
  return thrown;
}
