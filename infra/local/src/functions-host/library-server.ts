// The HTTP server that the library opens in this process for an app with `enableHttpStream`: kept to the loopback
// address, reached by the host alone, closed with the app.
import {
  Agent,
  type ClientRequest,
  type OutgoingHttpHeaders,
  request,
  Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';

/** By this the library finds the invocation that a request belongs to. */
export const invocationIdHeader = 'x-ms-invocation-id';

export interface LibraryServer {
  /** Opens the request of one invocation; its body is the caller's to send. */
  open(invocationId: string, options: OpenOptions): Opened;
  /** Cuts off what is under way. */
  close(): void;
}

interface OpenOptions {
  readonly method: string;
  /** Path and query as they are to arrive. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
}

interface Opened {
  readonly outgoing: ClientRequest;
  /** The library has the request; its side of the answer. Rejects when the request ends before. */
  readonly arrived: Promise<ServerResponse>;
}

/** The caller's request may use up the limit at the front; a few fields come in addition. */
const maxHeaderBytes = 32 * 1024;

/**
 * Runs `start`, during which the library opens its server.
 * @param start resolves with the address that the library names, or undefined when the app does not stream.
 * @throws Error when it names a server that it did not open.
 */
export async function openLibraryServer(
  start: () => Promise<string | undefined>,
): Promise<LibraryServer | undefined> {
  const opened: Server[] = [];
  const restore = listenOnLoopback((server) => opened.push(server));
  try {
    const address = await start();
    if (address === undefined) return undefined;
    const port = Number(new URL(address).port);
    const server = opened.find((one) => (one.address() as AddressInfo | null)?.port === port);
    if (server === undefined) throw new Error(`Expected a server of the library at ${address}, found none`);
    return makeLibraryServer(server, port);
  } finally {
    restore();
  }
}

/**
 * The library listens on all interfaces and offers no choice; until restored, whoever names no interface gets the
 * loopback address.
 */
function listenOnLoopback(onServer: (server: Server) => void): () => void {
  const { listen } = NetServer.prototype;
  function listenLocally(this: NetServer, ...given: readonly unknown[]): unknown {
    const [port, ...rest] = typeof given[0] === 'function' ? [0, ...given] : given;
    if (typeof port !== 'number' || typeof rest[0] === 'string') return Reflect.apply(listen, this, given);
    if (this instanceof Server) onServer(this);
    return Reflect.apply(listen, this, [port, '127.0.0.1', ...rest]);
  }
  Object.assign(NetServer.prototype, { listen: listenLocally });
  return () => Object.assign(NetServer.prototype, { listen });
}

function makeLibraryServer(server: Server, port: number): LibraryServer {
  const expected = new Map<string, (theirs: ServerResponse) => void>();
  const agent = new Agent({ keepAlive: true });
  // How long a request may take, and how large it may be, has been decided at the front. Connections between requests
  // are ours, and none may be closed at the moment in which it is used again.
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, maxHeaderSize: maxHeaderBytes });
  server.prependListener('request', (incoming, theirs) => {
    // An answer shorter than its Content-Length has to fail: whoever reads it would wait for the rest for ever.
    theirs.strictContentLength = true;
    const arrive = expected.get(String(incoming.headers[invocationIdHeader]));
    if (arrive === undefined) incoming.destroy();
    else arrive(theirs);
  });
  // Neither the server nor the far end of a connection keeps the process alive; whoever waits for an answer does.
  server.unref().on('connection', (socket) => socket.unref());

  return {
    open(invocationId, { method, path, headers }) {
      const outgoing = request({
        agent,
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...headers, [invocationIdHeader]: invocationId },
      });
      const { promise: arrived, resolve, reject } = Promise.withResolvers<ServerResponse>();
      arrived.catch(() => {}); // the error is on the request, too
      expected.set(invocationId, (theirs) => {
        expected.delete(invocationId);
        resolve(theirs);
      });
      outgoing.once('close', () => {
        expected.delete(invocationId);
        reject(new Error('Expected the library to take the request, it ended before'));
      });
      return { outgoing, arrived };
    },
    close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}
