// Which addresses a webhook may have, as far as the text tells. What a name resolves to is for resolve-receiver.ts.
import { isIP } from 'node:net';
import { JobError, limits } from '@impasto/shared';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

export interface ReceiverRules {
  /** Lets through plain http, any port and this machine, for addresses that say so themselves: for use at home. */
  readonly allowLoopback: boolean;
  /** Names of hosts that are ours, such as the storage's and the service's own: they are no receivers. */
  readonly ownHosts: readonly string[];
}

/** https, and its customary second port. */
const allowedPorts = ['', '8443'];
const visibleAscii = /^[\x21-\x7e]+$/;
const encodedControl = /%(?:[01][\da-f]|7f)/i;
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const maxNameCharacters = 253;
/** Names that mean something only inside a network. */
const privateSuffixes = ['.localhost', '.local', '.internal', '.home.arpa'];

/**
 * The address as it will be called: in the form of the URL standard, without its fragment.
 * @throws JobError `webhook_url_forbidden`. Its message holds no more of the address than a scheme or a port: the rest
 *   may be a secret.
 */
export function checkReceiverUrl(text: string, rules: ReceiverRules): URL {
  const url = parse(text);
  if (!(rules.allowLoopback && isLoopbackHost(url))) {
    if (url.protocol !== 'https:') throw forbidden('https', `the scheme ${url.protocol.slice(0, -1)}`);
    if (!allowedPorts.includes(url.port)) throw forbidden('port 443 or 8443', `port ${url.port}`);
    checkHost(url, rules);
  } else if (!/^https?:$/.test(url.protocol)) {
    throw forbidden('http or https', `the scheme ${url.protocol.slice(0, -1)}`);
  }
  url.hash = '';
  return url;
}

/** Whether the address itself says that it means this machine; a name that only resolves to it does not. */
export function isLoopbackHost(url: URL): boolean {
  return url.hostname === 'localhost' || isLoopbackAddress(hostOf(url));
}

/** The host, an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

export function forbidden(expected: string, received: string): JobError {
  const message = `Expected ${expected} for the address of a webhook, received ${received}`;
  return new JobError('webhook_url_forbidden', message);
}

function parse(text: string): URL {
  const most = limits.maxWebhookUrlCharacters;
  if (text.length > most) throw forbidden(`at most ${most} characters`, `${text.length}`);
  // The parser would drop line breaks, and make a digit of what only looks like one.
  if (!visibleAscii.test(text)) throw forbidden('visible ASCII characters (names as xn--)', 'others');
  if (encodedControl.test(text)) throw forbidden('no control characters', 'some that are percent-encoded');
  const url = URL.parse(text);
  if (!url) throw forbidden('an absolute address', 'another text');
  if (url.username || url.password) throw forbidden('no user name and no password', 'some');
  return url;
}

/** The parser has turned every spelling of an IPv4 address, such as 0x7f.1, into four decimal numbers. */
function checkHost(url: URL, rules: ReceiverRules): void {
  const host = hostOf(url);
  if (isIP(host)) {
    if (!isPublicAddress(host)) throw forbidden('a host on the public internet', 'another');
    return;
  }
  const labels = host.split('.');
  if (labels.length < 2 || host.length > maxNameCharacters || !labels.every((part) => label.test(part))) {
    throw forbidden('a full host name such as hooks.example.com', 'another');
  }
  if (privateSuffixes.some((suffix) => host.endsWith(suffix))) {
    throw forbidden('a host on the public internet', 'a name of private networks');
  }
  if (rules.ownHosts.some((own) => own.toLowerCase() === host)) {
    throw forbidden('a host of the receiver', 'one of this service');
  }
}
