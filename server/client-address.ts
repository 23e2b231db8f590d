import { BlockList, isIP } from 'node:net';

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** A socket that listens on both families names IPv4 peers as `::ffff:1.2.3.4`. */
const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, '');

/**
 * Reads proxies as addresses or CIDR ranges. Throws a TypeError that quotes the entry that is neither.
 */
export function parseProxies(entries: readonly string[]): BlockList {
  const proxies = new BlockList();
  for (const entry of entries) {
    const [address = '', bits, ...rest] = entry.split('/');
    const limit = isIP(address) === 4 ? 32 : 128;
    const valid =
      isIP(address) && !rest.length && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= limit));
    if (!valid) throw new TypeError(`"${entry}" is neither an IP address nor a CIDR range`);
    proxies.addSubnet(address, bits === undefined ? limit : Number(bits), family(address));
  }
  return proxies;
}

/** The network that counts as one visitor: an IPv4 address, or the 64 bits of IPv6 that one customer gets (RFC 6177). */
function visitor(address: string): string {
  if (isIP(address) === 4) return address;
  const [head = '', tail] = address.split('::');
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

/**
 * Who asks, as told by trusted proxies: the last address of `X-Forwarded-For` that is not one of them, since whatever stands before it may
 * have been written by the visitor. `null` where the peer is no trusted proxy.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  proxies: BlockList,
): string | null {
  const isProxy = (address: string): boolean => isIP(address) !== 0 && proxies.check(address, family(address));
  if (!peer || !isProxy(plain(peer)) || !forwardedFor) return null;
  const client = forwardedFor
    .split(',')
    .map(plain)
    .reverse()
    .find((address) => !isProxy(address));
  return client && isIP(client) ? visitor(client) : null;
}
