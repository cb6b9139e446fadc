// The connections on which answers go out. The platform's library writes a streamed answer as fast as it is made and never
// notices that nobody reads it any more; Node itself tells of each request on a diagnostics channel, and of its connection.
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** By this header the platform names the invocation that a request belongs to. */
const invocationHeader = 'x-ms-invocation-id';

export interface Connection {
  /** Aborts when the connection closes, whoever closes it. */
  readonly closed: AbortSignal;
  /** Resolves when what was written has left, or nobody is there to read it. */
  drained(): Promise<void>;
  /** Ends the connection, so that whoever reads sees that the answer is not whole. */
  cut(): void;
}

const open = new Map<string, Connection>();

/** In the place of every connection that was closed early: it must not keep anything of its request. */
const closedEarly: Connection = {
  closed: AbortSignal.abort(),
  drained: async () => {},
  cut: () => {},
};
const leavers = makeLeavers();

subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  const id = request.headers[invocationHeader];
  if (typeof id === 'string') follow(id, response);
});

function follow(id: string, response: ServerResponse): void {
  const controller = new AbortController();
  const { signal: closed } = controller;
  open.set(id, {
    closed,
    async drained() {
      if (response.writableNeedDrain) await once(response, 'drain', { signal: closed }).catch(() => {});
    },
    cut: () => void response.destroy(),
  });
  response.once('close', () => {
    controller.abort();
    open.delete(id);
    if (!response.writableFinished) leavers.add(id);
  });
}

/** An invocation whose caller left before it answered finds that out within this time. */
const rememberedMs = 300_000;

/** Nothing of them but their ids, in two generations: the older one goes when the younger is as old as that. */
function makeLeavers() {
  let older = new Set<string>();
  let younger = new Set<string>();
  let since = performance.now();
  return {
    add(id: string): void {
      if (performance.now() - since > rememberedMs) {
        older = younger;
        younger = new Set();
        since = performance.now();
      }
      younger.add(id);
    },
    has: (id: string): boolean => younger.has(id) || older.has(id),
  };
}

/** @returns undefined where the platform hands no connection to this process. */
export function connectionOf(requestId: string): Connection | undefined {
  return open.get(requestId) ?? (leavers.has(requestId) ? closedEarly : undefined);
}

/**
 * A signal that aborts when the connection of this invocation closes: never, where the platform hands no connection
 * to this process. Of those who had left already it is one for all: look at it, and hang no listener on it.
 */
export function callerGone(requestId: string): AbortSignal {
  return connectionOf(requestId)?.closed ?? new AbortController().signal;
}

/**
 * An answer that is made no faster than it is read, and no longer than somebody is there to read it. Where the source
 * fails the connection is cut.
 * @param onEnd called as soon as nothing more is sent, for whatever reason.
 */
export function streamTo(
  { requestId }: { readonly requestId: string },
  source: AsyncIterable<Uint8Array>,
  onEnd: () => void = () => {},
): ReadableStream<Uint8Array> {
  const connection = connectionOf(requestId);
  const parts = source[Symbol.asyncIterator]();
  // How a source ends that nobody wants any more is its own business.
  const stop = async () => {
    onEnd();
    await parts.return?.().catch(() => {});
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          await connection?.drained();
          const part = await unlessClosed(() => parts.next(), connection?.closed);
          if (part && !part.done) return controller.enqueue(part.value);
          controller.close();
          await stop();
        } catch (error) {
          onEnd();
          connection?.cut();
          throw error;
        }
      },
      cancel: stop,
    },
    // Nothing is made before it is asked for.
    { highWaterMark: 0 },
  );
}

/** A race against one promise that lasts would keep everything that ever won against it. */
async function unlessClosed<T>(
  work: () => Promise<T>,
  closed: AbortSignal | undefined,
): Promise<T | undefined> {
  if (!closed) return await work();
  if (closed.aborted) return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  const leave = () => resolve(undefined);
  closed.addEventListener('abort', leave, { once: true });
  work().then(resolve, reject);
  return await promise.finally(() => closed.removeEventListener('abort', leave));
}
