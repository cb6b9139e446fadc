// For tests: an HTTP server on a real socket that speaks the wire contract as a script tells it to.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StyleTransferError } from './error.ts';
import { acceptedView, completedView, jobId, resultBytes, statusView } from './scripted-views.ts';

export * from './scripted-views.ts';

export interface SeenRequest {
  readonly route: Route;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void;
export type Route = (typeof routes)[number][0];
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

const routes = [
  ['dead-letters', /dead-letters/],
  ['events', /status\/[^/]+\/events/],
  ['status', /status\//],
  ['result', /result\//],
  ['cancel', /(cancel\/|\/cancel$)/],
  ['deliveries', /deliveries/],
  ['jobs', /jobs/],
  ['limits', /limits/],
  ['batch-results', /batch\/[^/]+\/results/],
  ['batch', /batch\//],
  ['submit-batch', /style-transfer\/batch$/],
  ['submit', /./],
] as const;

function routeOf(url: string): Route {
  const path = url.slice(url.indexOf('/api/') + '/api/'.length);
  return routes.find(([, pattern]) => pattern.test(path))?.[0] ?? 'submit';
}

export type Headers = Readonly<Record<string, string>>;

export function json(status: number, body: unknown, headers: Headers = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

export function accepted(overrides: object = {}, headers: Headers = {}): Answer {
  return json(202, { ...acceptedView(), ...overrides }, { location: `/api/status/${jobId}`, ...headers });
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

/** Server-sent events: the frames, and then the end, a reset, or nothing more. */
export function events(frames: readonly string[], then: 'end' | 'reset' | 'nothing' = 'end'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames.join(''), () => {
      if (then === 'end') response.end();
      else if (then === 'reset') response.socket?.resetAndDestroy();
    });
  };
}

/** One frame with a whole view. */
export function frame(view: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: status\ndata: ${JSON.stringify(view)}\n\n`;
}

/** What a call of the client is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<StyleTransferError> {
  const thrown = await promise.then(
    () => assert.fail('Expected a rejection.'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof StyleTransferError, String(thrown));
  return thrown;
}
