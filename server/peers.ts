/**
 * Packages that `stillhere/server` needs and an application installs itself, so that a client-only
 * install brings none of them.
 */
const PEERS = (store: StorePeer) => ['hono', 'jose', 'oauth4webapi', store];

/** The package of each store. */
type StorePeer = 'libsql' | 'ioredis';

/** The packages that only the ready-made server needs. */
const SERVE_PEERS = ['@hono/node-server', 'pino', 'valibot'];

/** A package is missing. The message is the command that installs it, and may be logged. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
}

/**
 * Makes the error for a missing package. It names all packages to install, not only the first one
 * that Node could not find.
 */
export function peerError(error: unknown, store: StorePeer = 'libsql'): unknown {
  return missing(error, 'stillhere/server needs', PEERS(store));
}

/** Makes the same error for the start of the ready-made server. */
export function servePeerError(error: unknown): unknown {
  return missing(error, 'the server needs', [...PEERS('libsql'), ...SERVE_PEERS]);
}

function missing(error: unknown, needs: string, names: readonly string[]): unknown {
  if ((error as { code?: unknown } | null)?.code !== 'ERR_MODULE_NOT_FOUND') return error;
  return new PeerError(`${needs} packages that are not installed: npm i ${names.join(' ')}`, { cause: error });
}
