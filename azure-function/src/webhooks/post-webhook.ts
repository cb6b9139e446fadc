// The HTTP of one delivery. The connection goes to the given addresses and nowhere else, no redirect is followed, and the
// receiver's status decides: what comes after it is read for politeness, and not for long.
import * as http from 'node:http';
import * as https from 'node:https';
import { isIPv6, type LookupFunction, type TcpNetConnectOpts } from 'node:net';

const maxHeaderBytes = 16 * 1024;
const maxBodyBytes = 64 * 1024;
/** Answers of 1xx before the real one. */
const maxInterimAnswers = 8;
/** For one of several addresses; the next is tried then. */
const connectSeconds = 4;
/** They go through to the socket, which the types of a request do not tell. */
type Families = 'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout';

export interface Post {
  readonly url: URL;
  /** Checked; the name in the address is not resolved again. */
  readonly addresses: readonly string[];
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ends all of it. */
  readonly signal: AbortSignal;
  readonly trustedCertificates?: string | undefined;
  /** Called with the status line. */
  readonly onAnswer: () => void;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
}

/** @throws Error of the system, of TLS or of the parser where there is no status line. */
export function postWebhook(post: Post): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = begin(post);
    let answer: Answer | undefined;
    let failure: Error | undefined;
    let interimAnswers = 0;
    request.on('information', () => {
      interimAnswers += 1;
      if (interimAnswers > maxInterimAnswers) request.destroy(withCode('TOO_MANY_INTERIM_ANSWERS'));
    });
    request.on('response', (response) => {
      post.onAnswer();
      answer = { status: response.statusCode ?? 0, headers: response.headers };
      drain(response);
    });
    request.on('error', (error) => {
      failure ??= error;
    });
    // The one event that comes in every case, also where the receiver switches to another protocol.
    request.on('close', () => (answer ? resolve(answer) : reject(failure ?? withCode('ECONNRESET'))));
    request.end(post.body);
  });
}

function begin({ url, addresses, body, headers, signal, trustedCertificates }: Post): http.ClientRequest {
  const options: https.RequestOptions & Pick<TcpNetConnectOpts, Families> = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    signal,
    // A connection of its own: receivers are many, and called seldom.
    agent: false,
    lookup: pinnedTo(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: connectSeconds * 1000,
    maxHeaderSize: maxHeaderBytes,
    // Whatever the environment says.
    rejectUnauthorized: true,
    ...(trustedCertificates !== undefined && { ca: trustedCertificates }),
  };
  return url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
}

/** Not asked for a host that is an address already: that one is its own pin. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_name, _options, callback) => callback(null, all);
}

/** To its end, where that is near; else the connection is cut. */
function drain(response: http.IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) response.destroy();
  });
  // It has said what we wanted to know.
  response.on('error', () => undefined);
}

function withCode(code: string): Error {
  return Object.assign(new Error('Expected an answer to a webhook, received something else'), { code });
}
