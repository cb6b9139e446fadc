// Which receivers are likely to be one and the same party: whoever has a domain can make up host names below it for
// nothing, and addresses within a network.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { hostOf } from './receiver-address.ts';

/** Second labels under which a country sells names, as in `example.co.uk`. */
const soldBelow = ['ac', 'co', 'com', 'edu', 'gov', 'net', 'org'];

/**
 * The last two labels of the host's name, three where two are a country's; an IPv4 address; the network (64 bits) of an
 * IPv6 address. Without the list of public suffixes, which changes every week: a hoster's customers are one group, too.
 */
export function receiverGroupOf(origin: string): string {
  const url = URL.parse(origin);
  if (!url) return '';
  const host = hostOf(url);
  if (isIP(host) === 6) return ipaddr.parse(host).toByteArray().slice(0, 8).join('.');
  if (isIP(host) === 4) return host;
  const labels = host.split('.');
  const [second = '', first = ''] = labels.slice(-2);
  const isSold = first.length === 2 && soldBelow.includes(second);
  return labels.slice(isSold ? -3 : -2).join('.');
}
