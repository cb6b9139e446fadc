// The worker's own door, for probes and for whoever collects metrics: three addresses, nothing to write to. It says nothing
// of jobs, and holds up neither the start nor the end of the worker.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Logger, messageOf } from '@impasto/shared';

export interface HealthOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Every interface without it. */
  readonly host?: string | undefined;
  /** Whether the worker can take a message now. */
  readonly isReady: () => boolean;
  /** Metrics as Prometheus reads them. */
  readonly metricsText: () => Promise<string>;
  readonly log: Logger;
}

export interface HealthServer {
  readonly port: number;
  /** Ends at once, whoever is being answered. */
  close(): void;
}

/** Nobody needs more to ask one short question, nor more askers at a time: who only holds a connection loses it. */
const limits = {
  headersTimeout: 2_000,
  requestTimeout: 2_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 8_192,
};
const mostConnections = 20;
const mostSilenceMs = 5_000;

const plainText = 'text/plain; charset=utf-8';
const prometheusText = 'text/plain; version=0.0.4; charset=utf-8';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws Error when the port is taken. */
export async function openHealthServer(options: HealthOptions): Promise<HealthServer> {
  const server = createServer(limits, (request, response) => {
    void answer(options, request).then((given) => send(response, request, given));
  });
  server.maxConnections = mostConnections;
  // The other limits count from the first byte; this one takes who never sends any.
  server.setTimeout(mostSilenceMs);
  await listen(server, options);
  // The worker ends when its work is over, and not when the last probe has been answered.
  server.unref();
  const { port } = server.address() as AddressInfo;
  options.log.info('health.listening', { port });
  return {
    port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server, { port, host }: HealthOptions): Promise<void> {
  try {
    // Without a host Node takes all addresses, of IPv6 and IPv4 where there are both.
    await once(server.listen({ port, ...(host !== undefined && { host }) }), 'listening');
  } catch (error) {
    const where = host === undefined ? `port ${port}` : `${host}, port ${port}`;
    throw new Error(`Expected a free port for HEALTH_PORT, received ${where}: ${messageOf(error)}`);
  }
}

async function answer(options: HealthOptions, { method, url = '/' }: IncomingMessage): Promise<Answer> {
  const path = url.split('?', 1)[0] ?? '/';
  const route = routes.get(path);
  if (!route) return { status: 404, text: `Expected ${[...routes.keys()].join(', ')}\n` };
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, text: 'Expected GET\n', headers: { Allow: 'GET, HEAD' } };
  try {
    return await route(options);
  } catch (error) {
    options.log.error('health.failed', { path, error });
    return { status: 500, text: 'The log says what went wrong\n' };
  }
}

/**
 * Alive: whoever can answer. A worker that is busy for long is alive, and one whose engine is lost ends by itself; the only
 * thing that a restart from outside would mend is an event loop that no longer turns, and that answers nothing.
 */
const routes = new Map<string, (options: HealthOptions) => Promise<Answer>>([
  ['/health/live', async () => ({ status: 200, text: 'alive\n' })],
  [
    '/health/ready',
    async ({ isReady }) =>
      isReady() ? { status: 200, text: 'ready\n' } : { status: 503, text: 'not ready\n' },
  ],
  ['/metrics', async ({ metricsText }) => ({ status: 200, text: await metricsText(), type: prometheusText })],
]);

function send(
  response: ServerResponse,
  { method }: IncomingMessage,
  { status, text, type, headers }: Answer,
): void {
  response.writeHead(status, {
    'Content-Type': type ?? plainText,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : text);
}
