import type { BlockList } from 'node:net';
import type { Context } from 'hono';
import { clientAddress } from '../node/client-address.js';
import type { Logger } from '../observe/logger.js';

/**
 * Returns the peer's address if the server is `@hono/node-server`, which passes Node's request on
 * in `env`.
 */
function peerOf({ env }: Context): string | undefined {
  const { incoming } = (env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}

/**
 * Finds the key by which a visitor is counted, or `null` if no trusted proxy names an address. Any
 * other address would be the proxy's own, or one that the visitor has written. If a proxy's header
 * cannot be used, the log says so once, because limits by address are off then.
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
