import type { BlockList } from 'node:net';
import type { Context } from 'hono';
import { clientAddress } from '../node/client-address.js';
import type { Logger } from '../observe/logger.js';

/**
 * The peer's address if the server is `@hono/node-server`, which hands Node's request over in
 * `env`.
 */
function peerOf({ env }: Context): string | undefined {
  const { incoming } = (env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}

/**
 * Finds the key by which a visitor is counted, or `null` if no trusted proxy names one: an address
 * would then be the proxy's own, or what the visitor wrote. A proxy whose word cannot be used is
 * told once, since limits by address would otherwise be off without a sign.
 */
export function addressFinder(proxies: BlockList | null, logger: Logger): (context: Context) => string | null {
  const told = new Set<string>();
  const tellOnce = (message: string, tell: () => void): void => {
    if (!told.has(message)) tell();
    told.add(message);
  };
  return (context) => {
    if (!proxies) return null;
    const client = clientAddress(peerOf(context), context.req.header('x-forwarded-for'), proxies);
    if (client.kind === 'unreadable') {
      tellOnce('unreadable', () =>
        logger.warn(
          { event: 'address.unreadable', entry: client.key },
          'a trusted proxy names a visitor by something that is no IP address',
        ),
      );
    }
    if (client.kind === 'unnamed') {
      tellOnce('unnamed', () =>
        logger.warn(
          { event: 'address.unreadable' },
          'a trusted proxy sends no X-Forwarded-For: no limit by address works',
        ),
      );
    }
    return 'key' in client ? client.key : null;
  };
}
