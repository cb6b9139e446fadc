// Answers on connections whose request never became one: malformed, headers too large, too slow.
import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@impasto/shared';
import { type HostProblemCode, makeHostProblem, problemHeaders } from './problem.ts';

const lingerMs = 1_000;

/** Without a listener Node answers with an empty body; with one, everything up to closing is ours to do. */
export function answerBadRequests(server: Server, logger: Logger): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  const note = (_request: unknown, response: ServerResponse) => {
    if (response.socket) answers.set(response.socket, response);
  };
  server.prependListener('request', note).prependListener('checkContinue', note);

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const last = answers.get(socket);
    const underWay = last?.writableFinished === false ? last : undefined;
    // Behind a whole request came bytes that are none. That request is still answered: it may have stored something.
    if (underWay?.req.complete && socket.writable) underWay.once('close', () => socket.destroy());
    else if (error.code === 'ECONNRESET' || !socket.writable || underWay?.headersSent) socket.destroy();
    else refuse(error, socket, logger);
  });
}

function refuse(error: NodeJS.ErrnoException, socket: Duplex, logger: Logger): void {
  const requestId = randomUUID();
  const code = codeOf(error);
  logger.debug('bad_request', { requestId, code, reason: error.code });
  socket.end(rawAnswer(code, requestId));
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

function codeOf(error: NodeJS.ErrnoException): HostProblemCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'bad_request';
}

const details: Partial<Record<HostProblemCode, string>> = {
  headers_too_large: 'Send at most 16 KiB of headers.',
  request_timeout: 'Send the whole request within a minute.',
};

function rawAnswer(code: HostProblemCode, requestId: string): string {
  const problem = makeHostProblem(code, details[code] ?? 'Send a request that follows RFC 9112.', requestId);
  const body = JSON.stringify(problem);
  const headers = {
    ...problemHeaders,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`;
}
