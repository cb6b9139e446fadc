// Answers on connections whose request never became one: malformed, headers too large, too slow.
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type HostProblemCode, makeHostProblem, problemHeaders } from './problem.ts';

const lingerMs = 1_000;

/** Without a listener Node answers with an empty body; with one, everything up to closing is ours to do. */
export function answerBadRequests(server: Server): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  const note = (_request: unknown, response: ServerResponse) => {
    if (response.socket) answers.set(response.socket, response);
  };
  server.prependListener('request', note).prependListener('checkContinue', note);

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable || answers.get(socket)?.headersSent) {
      socket.destroy();
      return;
    }
    socket.end(rawAnswer(codeOf(error)));
    setTimeout(() => socket.destroy(), lingerMs).unref();
  });
}

function codeOf(error: NodeJS.ErrnoException): HostProblemCode {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'bad_request';
}

const details: Partial<Record<HostProblemCode, string>> = {
  headers_too_large: 'Send at most 16 KiB of headers.',
  request_timeout: 'Send the whole request within a minute.',
};

function rawAnswer(code: HostProblemCode): string {
  const problem = makeHostProblem(code, details[code] ?? 'Send a request that follows RFC 9112.');
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${problemHeaders['content-type']}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
