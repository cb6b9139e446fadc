// The IP addresses behind the name of a receiver: all of them are checked, and only these are connected to.
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { JobError } from '@impasto/shared';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';
import { forbidden, hostOf, isLoopbackHost } from './receiver-address.ts';

/** All addresses of a name, IPv4 first, at least one; throws NameUnresolved. */
export type ResolveHost = (name: string) => Promise<readonly string[]>;

/** How long a submission waits for an answer that it can do without. */
const submitSeconds = 2;

/** The name could not be resolved now. */
export class NameUnresolved extends Error {
  override readonly name = 'NameUnresolved';

  constructor() {
    super('Expected addresses for the name of a receiver, received none');
  }
}

/**
 * Asks the name servers itself: getaddrinfo would hold one of a few threads, which the calls of the storage need too,
 * for as long as somebody's name server takes.
 * @param servers such as `127.0.0.1:53`; left out: those of the system.
 */
export function makeResolveHost(servers?: readonly string[]): ResolveHost {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (servers) resolver.setServers(servers);
  return async (name) => {
    if (name === 'localhost') return ['127.0.0.1', '::1'];
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length === 0) throw new NameUnresolved();
    return addresses;
  };
}

/**
 * What to connect to.
 * @throws JobError `webhook_url_forbidden` where even one address is not public: which one is not said, for it would
 *   tell about a network that the caller cannot see. NameUnresolved; the signal's reason.
 */
export async function resolveReceiver(
  url: URL,
  resolveHost: ResolveHost,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const host = hostOf(url);
  const addresses = isIP(host) ? [host] : await withSignal(resolveHost(host), signal);
  // checkReceiverUrl has let this one through as loopback, so it must be that; every other must be public.
  const isAllowed = isLoopbackHost(url) ? isLoopbackAddress : isPublicAddress;
  if (addresses.every(isAllowed)) return addresses;
  throw forbidden('a host on the public internet', 'another');
}

/**
 * For a submission: the addresses, where the name can be resolved at once. (What it resolves to later is checked with
 * every attempt.)
 * @param url that checkReceiverUrl has let through.
 * @throws JobError `webhook_url_forbidden`.
 */
export async function checkAddressesOf(url: URL, resolveHost: ResolveHost): Promise<void> {
  try {
    await resolveReceiver(url, resolveHost, AbortSignal.timeout(submitSeconds * 1000));
  } catch (error) {
    if (error instanceof JobError) throw error;
  }
}

async function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => undefined);
  }
}
