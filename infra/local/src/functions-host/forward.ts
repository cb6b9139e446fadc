// One invocation of an app that streams: the request goes to the library's server, the answer comes from there as it is
// made, at the caller's pace.
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { RegisteredFunction } from './functions-core.ts';
import { type HttpRequestHead, invokeStreaming } from './invoke.ts';
import { invocationIdHeader, type LibraryServer } from './library-server.ts';
import type { FunctionApp } from './load-app.ts';

interface ForwardOptions {
  readonly app: FunctionApp;
  readonly library: LibraryServer;
  readonly target: RegisteredFunction;
  readonly head: HttpRequestHead;
  /** The body in pieces, each let go once it is handed over. */
  readonly pieces: Uint8Array[];
  /** The caller's. */
  readonly response: ServerResponse;
  /** Called when the body can be taken to need no more memory; perhaps more than once. */
  readonly onBodyDone: () => void;
}

/** The function, not the caller, ended an answer that had begun; the caller's connection is closed on it. */
export class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer';
}

/** About as long as a function is busy with a body that it has read, where its answer is longer in coming. */
const bodySettlesMs = 2_000;

/**
 * Resolves when the caller has the answer.
 * @throws whatever the function throws before it answers; BrokenAnswer after; Error when the caller goes away.
 */
export async function forward(options: ForwardOptions): Promise<void> {
  const { app, library, target, head, pieces, response, onBodyDone } = options;
  const { outgoing, arrived } = open(library, head, pieces);
  let isCallerGone = response.destroyed;
  response.once('close', () => {
    isCallerGone = !response.writableFinished && !outgoing.destroyed;
    if (isCallerGone) outgoing.destroy();
  });
  void handOver(pieces, outgoing, onBodyDone);

  let thrown: unknown;
  const invoke = async () => {
    const theirs = await arrived;
    await invokeStreaming(app, target, head);
    // The library sends nothing for a function that returns nothing.
    if (!theirs.writableEnded) theirs.writeHead(204, { [invocationIdHeader]: head.invocationId }).end();
  };
  void invoke().catch((error) => {
    thrown = error;
    outgoing.destroy();
  });
  try {
    const answer = await answerTo(outgoing);
    onBodyDone();
    if (isWhole(await arrived, answer)) await sendWhole(answer, response);
    else await relay(outgoing, answer, response);
  } catch (error) {
    const cause = thrown ?? error;
    if (isCallerGone || !response.headersSent) throw cause;
    throw new BrokenAnswer('Expected the whole answer of the function, it broke off', { cause });
  }
}

/** The library takes headers and parameters from the invocation; from here it needs only how it was addressed. */
function open(library: LibraryServer, { invocationId, method, url }: HttpRequestHead, pieces: Uint8Array[]) {
  const [, host, path] = /^http:\/\/([^/]*)(.*)$/s.exec(url) ?? [];
  if (host === undefined || path === undefined) throw new Error(`Expected an absolute URL, received ${url}`);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const headers = { 'x-forwarded-host': host, 'x-forwarded-proto': 'http', 'content-length': bytes };
  return library.open(invocationId, { method, path, headers });
}

/** Never rejects: what goes wrong here goes wrong with the answer, too. */
async function handOver(pieces: Uint8Array[], outgoing: ClientRequest, onDone: () => void): Promise<void> {
  outgoing.on('error', () => {}).once('close', onDone);
  if (pieces.length <= 1) outgoing.end(pieces.pop());
  else await pipeline(takeEach(pieces), outgoing).catch(() => {});
  const timer = setTimeout(onDone, bodySettlesMs).unref();
  outgoing.once('close', () => clearTimeout(timer));
}

function* takeEach(pieces: Uint8Array[]): Generator<Uint8Array> {
  for (let next = pieces.shift(); next !== undefined; next = pieces.shift()) yield next;
}

async function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [answer]: IncomingMessage[] = await once(outgoing, 'response');
  if (answer === undefined || answer.headers[invocationIdHeader] === undefined) {
    throw new Error(`Expected the answer of a function, received ${answer?.statusCode} from the library`);
  }
  return answer;
}

/**
 * Whether the function had all of its answer at once, and it has arrived. The library sends each text in pieces; a caller
 * who asks how long one is, by HEAD or otherwise, is told.
 */
function isWhole(theirs: ServerResponse, { statusCode, headers }: IncomingMessage): boolean {
  const isBodiless = statusCode === 204 || statusCode === 304 || theirs.req.method === 'HEAD';
  return theirs.writableFinished && !isBodiless && headers['content-length'] === undefined;
}

async function sendWhole(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(answer);
  const headers = endToEnd(answer).set('content-length', [String(body.length)]);
  response
    .setHeaders(headers)
    .writeHead(answer.statusCode ?? 500)
    .end(body);
}

async function relay(
  outgoing: ClientRequest,
  answer: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeaders(endToEnd(answer)).writeHead(answer.statusCode ?? 500);
  if (response.req.method === 'HEAD') {
    // The function may have been asked to GET; nobody is interested in the rest.
    response.end();
    outgoing.destroy();
  } else {
    await pipeline(answer, response);
  }
}

/** Headers that concern one connection only, RFC 9110, section 7.6.1. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function endToEnd({ headersDistinct }: IncomingMessage): Map<string, string[]> {
  const all = Object.entries(headersDistinct).map(([name, values]) => [name, values ?? []] as const);
  return new Map(all.filter(([name]) => !hopByHop.has(name)));
}
