import { BlockList, isIP, SocketAddress } from 'node:net';

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/**
 * Returns one form for each address, however it is written, or `null` if the text is no address.
 * Port, brackets and quotes are removed (RFC 7239 section 6). An IPv4 address that is mapped into
 * IPv6 becomes that IPv4 address.
 */
export function readAddress(text: string): string | null {
  const bare = text.trim().replace(/^"(.*)"$/, '$1');
  const [, bracketed, dotted] = /^(?:\[(.+)\]|([\d.]+))(?::\w+)?$/.exec(bare) ?? [];
  const address = bracketed ?? dotted ?? bare;
  if (isIP(address) !== 6) return isIP(address) ? address : null;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

/**
 * Reads proxies, each an address or a CIDR range.
 * @throws {TypeError} quoting the entry that is neither.
 */
export function parseProxies(entries: readonly string[]): BlockList {
  const proxies = new BlockList();
  for (const entry of entries) {
    const [text = '', bits, ...rest] = entry.split('/');
    const address = readAddress(text);
    if (!address || rest.length || (bits !== undefined && !/^\d{1,3}$/.test(bits))) throw notProxy(entry);
    const limit = isIP(address) === 4 ? 32 : 128;
    // An IPv4 address that is written as an IPv6 one has the prefix of the latter.
    const mapped = limit === 32 && text.split(':').length > 2 ? 96 : 0;
    const prefix = bits === undefined ? limit : Number(bits) - mapped;
    if (prefix < 0 || prefix > limit) throw notProxy(entry);
    proxies.addSubnet(address, prefix, family(address));
  }
  return proxies;
}

const notProxy = (entry: string) => new TypeError(`"${entry}" is neither an IP address nor a CIDR range`);

/**
 * Returns the network that counts as one visitor: an IPv4 address, or the 64 bits of IPv6 that one
 * customer gets (RFC 6177).
 */
function visitor(address: string): string {
  if (isIP(address) === 4) return address;
  const [head = '', tail] = address.split('::');
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}

/** How many characters of an entry that is no address are used to tell visitors apart. */
const UNREADABLE_LENGTH = 64;

export type ClientAddress =
  /** `key` is the same for all addresses that count as one visitor. */
  | { kind: 'visitor'; key: string }
  /** The proxy wrote no address but another text, such as `unknown`. `key` is the start of it. */
  | { kind: 'unreadable'; key: string }
  /** The peer is a trusted proxy, but does not name its visitor. */
  | { kind: 'unnamed' }
  /** The peer is no trusted proxy, so its headers do not count. */
  | { kind: 'untrusted' };

/**
 * Finds the client that trusted proxies name: the last entry of `X-Forwarded-For` that is none of
 * them. The visitor may have written all entries before it. If all entries are trusted proxies (a
 * visitor from their own network), it is the first.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  proxies: BlockList,
): ClientAddress {
  const isProxy = (address: string | null): boolean => address !== null && proxies.check(address, family(address));
  if (!isProxy(readAddress(peer ?? ''))) return { kind: 'untrusted' };
  const entries = (forwardedFor ?? '').split(',').filter((entry) => entry.trim());
  const entry = [...entries].reverse().find((candidate) => !isProxy(readAddress(candidate))) ?? entries[0];
  if (entry === undefined) return { kind: 'unnamed' };
  const address = readAddress(entry);
  return address === null
    ? { kind: 'unreadable', key: entry.trim().slice(0, UNREADABLE_LENGTH) }
    : { kind: 'visitor', key: visitor(address) };
}
