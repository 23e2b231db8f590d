import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { NO_METER } from './observe/meter.js';
import type { ResolvedCommon, ResolvedOidc } from './options/app-options.js';
import { peerError } from './peers.js';
import { loggedStore } from './store/logged-store.js';
import { memoryStore } from './store/memory-store.js';
import { meteredStore } from './store/metered-store.js';
import type { SessionStore } from './store/store.js';

/**
 * A store. `reached` settles later if the store has a server of its own. The store may be used
 * before, and is away whenever its server is.
 */
export interface OpenedStore {
  store: SessionStore;
  reached?: Promise<void>;
}

// Each store's package is loaded lazily, because an application needs only one of them.
async function openNamed(
  { store, dataDir, redisUrl }: ResolvedOidc,
  { appOrigin, name, logger }: ResolvedCommon,
): Promise<OpenedStore> {
  if (store === 'memory') return { store: memoryStore() };
  if (store === 'redis') {
    const { connectRedis, redisStore } = await import('./store/redis/redis.js').catch((error: unknown) => {
      throw peerError(error, 'ioredis');
    });
    const connection = connectRedis(redisUrl, logger);
    // Applications that share a Redis must not share users. A logout of one would be one of the
    // other.
    const prefix = ['stillhere', new URL(appOrigin).host, ...(name === null ? [] : [name]), ''].join(':');
    return { store: redisStore(connection, prefix), reached: connection.ready };
  }
  if (store !== 'sqlite') return { store };
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { sqliteStore } = await import('./store/sqlite/sqlite-store.js').catch((error: unknown) => {
    throw peerError(error);
  });
  return { store: await sqliteStore(join(folder, 'sessions.sqlite')) };
}

/**
 * Opens the store that the options name, with their meter and logger. Rejects with a `PeerError` or
 * a `StoreError` if it cannot be opened.
 */
export async function openStore(resolved: ResolvedOidc, common: ResolvedCommon): Promise<OpenedStore> {
  const { store, ...more } = await openNamed(resolved, common);
  const { meter, logger } = common;
  return { store: loggedStore(meter === NO_METER ? store : meteredStore(store, meter), logger), ...more };
}
