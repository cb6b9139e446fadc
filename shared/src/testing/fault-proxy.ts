// A proxy in front of the storage that breaks calls as networks and busy services do. Each client has listeners of its
// own, so that a rule can tell whose call it is; each call has the name of its point in the protocol. (The signature of
// a request does not cover the host, so that requests pass through unchanged.)
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { makePointNamer, type NamedCall, type WireRequest } from './fault-proxy-points.ts';

export type { Point } from './fault-proxy-points.ts';

export interface StorageCall extends NamedCall, Pick<WireRequest, 'service' | 'method' | 'path'> {
  readonly client: string;
  /** On the clock of `performance.now()`. Its answer may come when the client is long gone. */
  readonly arrivedAtMs: number;
}

export type Fault =
  /** The connection ends and the storage never hears of the call. */
  | { readonly kind: 'cut_before' }
  /** The storage carries the call out, and the connection ends before its answer. */
  | { readonly kind: 'cut_after' }
  /** Carried out; the connection ends in the middle of the answer. */
  | { readonly kind: 'half_answer' }
  /** Answered as the service does, but not carried out; or `applied`, and answered so all the same. */
  | { readonly kind: 'status'; readonly status: FaultStatus; readonly applied?: boolean }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Taken and neither carried out nor answered, until the client gives up or the time is over. */
  | { readonly kind: 'hang'; readonly ms?: number }
  /** Goes on, even for a client that has given up, once `until` resolves: before it is carried out, or before its answer. */
  | { readonly kind: 'hold'; readonly phase: 'before' | 'after'; readonly until: () => Promise<unknown> };

/** @returns what is to become of the call; undefined lets it pass. */
export type Rule = (call: StorageCall) => Fault | undefined;

const serviceErrors = {
  409: 'BlobAlreadyExists',
  412: 'ConditionNotMet',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServerBusy',
} as const;
export type FaultStatus = keyof typeof serviceErrors;

export interface FaultProxy {
  /** A connection string for this client; for the same name the same one. */
  open(client: string): Promise<string>;
  /** In place of the rule before; without one every call passes. */
  setRule(rule: Rule | undefined): void;
  /** Ends every connection. */
  stop(): Promise<void>;
}

interface FaultProxyOptions {
  /** The storage behind. */
  readonly connectionString: string;
  readonly rule?: Rule;
  /** Hears of every call that the storage has answered, before its client does. */
  readonly onAnswer?: (call: StorageCall, status: number) => void;
}

interface Answer {
  readonly status: number;
  readonly rawHeaders: string[];
  readonly body: Buffer;
}

interface Exchange {
  readonly call: StorageCall;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Has the storage carry the call out. @throws Error when the storage cannot be reached. */
  readonly forward: () => Promise<Answer>;
}

export function startFaultProxy(options: FaultProxyOptions): FaultProxy {
  // Shorter than the 5 seconds of Azurite, which would otherwise close a connection that we are about to use.
  const agent = new Agent({ keepAlive: true, timeout: 3_000 });
  const namer = makePointNamer();
  const clients = new Map<string, Promise<string>>();
  const servers: Server[] = [];
  let rule = options.rule;

  async function serve(
    client: string,
    target: Target,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const arrivedAtMs = performance.now();
    const body = await buffer(incoming);
    const { method = '', url = '/', headers } = incoming;
    const path = url.replace(/^\/[^/?]+/, '');
    const named = namer.name({ service: target.service, method, path, headers, body });
    const call = { ...named, client, arrivedAtMs, service: target.service, method, path };
    const forward = async () => {
      const answer = await send(agent, target.endpoint, incoming, body);
      if (answer.status < 300) namer.applied(named);
      options.onAnswer?.(call, answer.status);
      return answer;
    };
    await exchange({ call, incoming, outgoing, forward }, rule?.(call));
  }

  async function listen(client: string, target: Target): Promise<string> {
    // No time limit of ours: a call may be held for long.
    const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
      serve(client, target, incoming, outgoing).catch(() => incoming.socket.destroy());
    });
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function open(client: string): Promise<string> {
    let connectionString = options.connectionString;
    for (const target of targetsOf(options.connectionString)) {
      const host = await listen(client, target);
      connectionString = connectionString.replace(`//${target.endpoint.host}/`, `//${host}/`);
    }
    return connectionString;
  }

  return {
    open: (client) => {
      const opened = clients.get(client) ?? open(client);
      clients.set(client, opened);
      return opened;
    },
    setRule: (next) => {
      rule = next;
    },
    async stop() {
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise((resolve) => server.close(resolve));
          server.closeAllConnections();
          return closed;
        }),
      );
      agent.destroy();
    },
  };
}

interface Target {
  readonly service: 'blob' | 'queue';
  readonly endpoint: URL;
}

function targetsOf(connectionString: string): Target[] {
  return (['blob', 'queue'] as const).map((service) => {
    const found = new RegExp(`${service}Endpoint=([^;]+)`, 'i').exec(connectionString)?.[1];
    if (found === undefined)
      throw new Error(`Expected a ${service} endpoint in the connection string, received none`);
    return { service, endpoint: new URL(found) };
  });
}

async function exchange(current: Exchange, fault: Fault | undefined): Promise<void> {
  const { incoming, outgoing, forward } = current;
  switch (fault?.kind) {
    case undefined:
      return reply(outgoing, await forward());
    case 'cut_before':
      incoming.socket.destroy();
      return;
    case 'cut_after':
      await forward();
      incoming.socket.destroy();
      return;
    case 'half_answer':
      return replyHalf(current, await forward());
    case 'status':
      if (fault.applied) await forward();
      return reply(outgoing, refusal(fault.status));
    case 'delay':
      await delay(fault.ms);
      return reply(outgoing, await forward());
    case 'hang':
      await closeOf(outgoing, fault.ms);
      incoming.socket.destroy();
      return;
    case 'hold': {
      if (fault.phase === 'before') await fault.until();
      const answer = await forward();
      if (fault.phase === 'after') await fault.until();
      return reply(outgoing, answer);
    }
  }
}

/** Resolves when the client has closed its side, or after `ms`. */
async function closeOf(outgoing: ServerResponse, ms: number | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  outgoing.once('close', resolve);
  const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
  await promise;
  clearTimeout(timer);
}

function send(
  agent: Agent,
  endpoint: URL,
  { method, url, rawHeaders }: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  const { hostname: host, port } = endpoint;
  return new Promise((resolve, reject) => {
    const headers = withoutHopByHop(rawHeaders);
    const forwarded = request({ agent, host, port, method, path: url, headers }, (answer) => {
      buffer(answer).then((content) => {
        resolve({ status: answer.statusCode ?? 502, rawHeaders: answer.rawHeaders, body: content });
      }, reject);
    });
    forwarded.on('error', reject).end(body);
  });
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding']);

/** @param raw names and values in turn. */
function withoutHopByHop(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !hopByHop.has((raw[index - (index % 2)] ?? '').toLowerCase()));
}

function reply(outgoing: ServerResponse, { status, rawHeaders, body }: Answer): void {
  if (outgoing.destroyed) return;
  outgoing.writeHead(status, withoutHopByHop(rawHeaders)).end(body);
}

function replyHalf({ incoming, outgoing }: Exchange, { status, rawHeaders, body }: Answer): void {
  const cut = () => incoming.socket.destroy();
  if (body.length < 2) incoming.socket.write('HTTP/1.1 20', cut);
  else outgoing.writeHead(status, withoutHopByHop(rawHeaders)).write(body.subarray(0, body.length / 2), cut);
}

function refusal(status: FaultStatus): Answer {
  const code = serviceErrors[status];
  const text = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>Made by the fault proxy.</Message></Error>`;
  const rawHeaders = [
    'content-type',
    'application/xml',
    'x-ms-error-code',
    code,
    'x-ms-version',
    '2025-11-05',
  ];
  return { status, rawHeaders: [...rawHeaders, 'date', new Date().toUTCString()], body: Buffer.from(text) };
}
