// The HTTP front of the Functions host: from a socket to an invocation and back. Keys and authorisation levels are
// the platform's business and ignored here.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '@impasto/shared';
import { answerBadRequests } from './bad-requests.ts';
import { type BodyRoom, makeBodyRooms } from './body-room.ts';
import { BrokenAnswer, forward } from './forward.ts';
import type { RegisteredFunction } from './functions-core.ts';
import { type HttpAnswer, httpTriggerOf, invoke, queueTriggerOf, timerTriggerOf } from './invoke.ts';
import type { FunctionApp } from './load-app.ts';
import { type HostProblemCode, makeHostProblem, problemHeaders } from './problem.ts';
import { BodyTooLarge, checkAnnouncedLength, mostBytes, readBody, readPieces } from './read-body.ts';
import { makeRouteMatcher, type Route, type RouteMatch } from './route-matcher.ts';

const routePrefix = 'api';
/** How long a refused client may go on sending before the connection is closed on it. */
const lingerMs = 1_000;

interface ServerOptions {
  readonly app: FunctionApp;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  /** Where bodies wait until there is memory for them. */
  readonly bodyRoom?: BodyRoom;
  /** Time for a whole request to arrive. */
  readonly requestTimeoutMs?: number;
}

interface Exchange extends ServerOptions {
  readonly bodyRoom: BodyRoom;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

/** A server that is not yet listening. */
export function makeFunctionsServer(options: ServerOptions): Server {
  const requestTimeout = options.requestTimeoutMs ?? 60_000;
  const timeouts = {
    requestTimeout,
    headersTimeout: Math.min(requestTimeout, 30_000),
    connectionsCheckingInterval: Math.min(requestTimeout, 5_000),
  };
  const match = makeRouteMatcher(httpRoutes(options), routePrefix);
  const bodyRoom = options.bodyRoom ?? makeBodyRooms();
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const exchange = { ...options, bodyRoom, request, response, requestId: randomUUID() };
    void serve(exchange, match(request.method ?? '', pathOf(request)));
  };
  const server = createServer(timeouts, handle);
  // Without this Node would tell a client to go on before we have looked at the length it announces.
  server.on('checkContinue', handle);
  answerBadRequests(server, options.logger);
  return server;
}

function httpRoutes({ app, logger }: ServerOptions): Route<RegisteredFunction>[] {
  return app.functions.flatMap((target) => {
    const trigger = httpTriggerOf(target);
    if (trigger !== undefined) {
      return { template: trigger.route || target.metadata.name, methods: trigger.methods ?? [], target };
    }
    if (timerTriggerOf(target) === undefined && queueTriggerOf(target) === undefined) {
      const reason = 'only HTTP, timer and queue triggers run here';
      logger.warn('function_ignored', { function: target.metadata.name, reason });
    }
    return [];
  });
}

async function serve(exchange: Exchange, match: RouteMatch<RegisteredFunction> | undefined): Promise<void> {
  const { request, response, logger, requestId } = exchange;
  const startedMs = performance.now();
  try {
    if (match === undefined) sendProblem(exchange, 'not_found', 'No function listens at this address.');
    else await run(exchange, match);
  } catch (error) {
    if (error instanceof BodyTooLarge) refuseBody(exchange);
    else if (!(error instanceof BrokenAnswer) && (request.errored || response.destroyed))
      logger.debug('client_gone', { requestId });
    else fail(exchange, error);
  }
  logger.debug('request', {
    requestId,
    method: request.method,
    path: pathOf(request),
    status: response.statusCode,
    durationMs: Math.round(performance.now() - startedMs),
  });
}

async function run(
  exchange: Exchange,
  { target, method, params }: RouteMatch<RegisteredFunction>,
): Promise<void> {
  const { app, request, response, requestId, maxBodyBytes, bodyRoom } = exchange;
  const { library } = app;
  checkAnnouncedLength(request, maxBodyBytes);
  const leaveRoom = await bodyRoom.enter(mostBytes(request, maxBodyBytes), closedSignal(response));
  try {
    if (request.headers.expect !== undefined) response.writeContinue();
    const url = urlOf(request);
    const head = { invocationId: requestId, method, url, headers: headersOf(request), params };
    if (library === undefined) {
      const body = await readBody(request, maxBodyBytes);
      send(exchange, await invoke(app, target, { ...head, body }));
    } else {
      const pieces = await readPieces(request, maxBodyBytes);
      await forward({ app, library, target, head, pieces, response, onBodyDone: leaveRoom });
    }
  } finally {
    leaveRoom();
  }
}

/** Aborts when the connection closes, which for one that waits unread may be noticed only when its turn comes. */
function closedSignal(response: ServerResponse): AbortSignal {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  return closed.signal;
}

function send({ response }: Exchange, { status, headers, body }: HttpAnswer): void {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? headers : { ...headers, 'content-length': body.length });
  response.end(bodiless ? undefined : body);
}

function sendProblem(exchange: Exchange, code: HostProblemCode, detail: string): void {
  const problem = makeHostProblem(code, detail, exchange.requestId);
  const body = Buffer.from(JSON.stringify(problem));
  send(exchange, { status: problem.status, headers: problemHeaders, body });
}

function fail(exchange: Exchange, error: unknown): void {
  const reason = error instanceof BrokenAnswer ? error.cause : error;
  exchange.logger.error('function_threw', { requestId: exchange.requestId, error: reason });
  if (exchange.response.headersSent) exchange.response.destroy();
  else
    sendProblem(exchange, 'internal_error', 'The function failed; its log says why, under the request id.');
}

/**
 * Answers at once, then goes on reading for a moment before it closes: a close with unread bytes is a reset,
 * and a reset takes the answer from a client that is still sending.
 */
function refuseBody({ request, response, maxBodyBytes, requestId }: Exchange): void {
  const problem = makeHostProblem('body_too_large', `Send at most ${maxBodyBytes} bytes.`, requestId);
  const body = Buffer.from(JSON.stringify(problem));
  response.writeHead(problem.status, {
    ...problemHeaders,
    'content-length': body.length,
    connection: 'close',
  });
  response.write(body);
  const timer = setTimeout(() => response.end(), lingerMs);
  request.once('end', () => response.end()).resume();
  response.once('close', () => clearTimeout(timer));
}

function pathOf(request: IncomingMessage): string {
  return new URL(urlOf(request)).pathname;
}

/** The absolute URL, put together by hand: as a relative reference, a path such as `//host/` would name a host. */
function urlOf({ url = '/', headers }: IncomingMessage): string {
  const path = url.startsWith('/') ? url : '/';
  const asAddressed = `http://${headers.host}${path}`;
  const parsed = URL.parse(asAddressed);
  return parsed && parsed.username === '' && parsed.password === '' ? asAddressed : `http://localhost${path}`;
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}
