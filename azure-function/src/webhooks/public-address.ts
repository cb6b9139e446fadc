// Which IP addresses belong to the public internet. A webhook goes to no others, so that nobody can make the service call
// what only the service can reach. ipaddr.js knows the special ranges; this adds what it cannot know.
import ipaddr from 'ipaddr.js';

/** An ordinary address to look at, and yet the platform's own: on Azure it answers every machine (WireServer, DNS). */
const platformAddresses: readonly string[] = ['168.63.129.16'];

/** Everything else of IPv6 is not given out, or holds an IPv4 address that hides behind it, such as `::10.0.0.1`. */
const givenOut = ipaddr.IPv6.parseCIDR('2000::/3');

export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv6'
    ? address.match(givenOut)
    : !platformAddresses.includes(address.toString());
}

export function isLoopbackAddress(text: string): boolean {
  return ipaddr.isValid(text) && ipaddr.parse(text).range() === 'loopback';
}
