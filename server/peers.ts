/** Packages that `stillhere/server` needs and an application installs itself, so that a client-only install brings none of them. */
const PEERS = (store: StorePeer) => ['hono', 'jose', 'oauth4webapi', store, 'rate-limiter-flexible'];

/** The package of each store. */
type StorePeer = 'libsql' | 'ioredis';

/** A package is missing; its message is the command that installs it, and may be logged. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
}

/** The error to throw where a package is missing: which ones to install, not only the first that Node could not find. */
export function peerError(error: unknown, store: StorePeer = 'libsql'): unknown {
  if ((error as { code?: unknown } | null)?.code !== 'ERR_MODULE_NOT_FOUND') return error;
  return new PeerError(`stillhere/server needs packages that are not installed: npm i ${PEERS(store).join(' ')}`, {
    cause: error,
  });
}
