import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { AppError } from '../errors.ts';

/** An address of a host. */
export interface HostAddress {
  address: string;
  family: number;
}
/** Asks the system for every address of a name. */
export type Lookup = (hostname: string) => Promise<HostAddress[]>;

// What IANA's registries of special-purpose addresses keep from being a public host: this network, private, carrier,
// loopback, link-local (cloud metadata lives there), protocol assignments, documentation, 6to4 relays, benchmarks,
// multicast, reserved.
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
// Only 2000::/3 is public at all: loopback, mapped, NAT64, unique local, link-local and multicast lie outside it. Inside
// it: protocol assignments (Teredo among them), documentation, and 6to4, which carries any IPv4 address.
const PUBLIC_IPV6 = '2000::/3';
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

function blockListOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

const specialIpv4 = blockListOf(SPECIAL_IPV4, 'ipv4');
const publicIpv6 = blockListOf([PUBLIC_IPV6], 'ipv6');
const specialIpv6 = blockListOf(SPECIAL_IPV6, 'ipv6');

/** Whether an address is one that anybody on the internet could be asked for. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !specialIpv4.check(address, 'ipv4');
  return family === 6 && publicIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
}

/** Whether the operator named this host, or this host with its port, as one that may be told whatever its address is. */
function isAllowedHost(url: URL, allowedHosts: readonly string[]): boolean {
  return allowedHosts.some((allowed) => [url.host, url.hostname].includes(allowed.toLowerCase()));
}

const lookupAll: Lookup = (hostname) => systemLookup(hostname, { all: true });

/**
 * The addresses of a webhook's host, every one of them checked: connect to these and ask no more, or the name may lead
 * elsewhere the second time. @throws AppError `webhook_host_not_found`, `webhook_address_refused`
 */
export async function findPublicAddresses(
  url: URL,
  allowedHosts: readonly string[],
  lookup: Lookup = lookupAll,
): Promise<HostAddress[]> {
  // The parser has made plain dotted numbers of every other way to write IPv4; IPv6 stands in brackets.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const addresses = family === 0 ? await ask(lookup, host) : [{ address: host, family }];
  if (isAllowedHost(url, allowedHosts)) return addresses;
  if (addresses.some(({ address }) => !isPublicAddress(address))) {
    throw new AppError('webhook_address_refused', `${host} is not a public address`, { details: { host } });
  }
  return addresses;
}

// A name server that is away lets the system ask for half a minute.
const LOOKUP_MS = 5000;

async function ask(lookup: Lookup, host: string): Promise<HostAddress[]> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${LOOKUP_MS / 1000} s`)), LOOKUP_MS).unref();
  });
  const addresses = await Promise.race([lookup(host), late]).catch((cause: unknown) => {
    throw new AppError('webhook_host_not_found', `${host} has no address`, { details: { host }, cause });
  });
  if (addresses.length > 0) return addresses;
  throw new AppError('webhook_host_not_found', `${host} has no address`, { details: { host } });
}
