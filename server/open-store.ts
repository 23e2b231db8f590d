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
 * A store, and `reached` where that is known only later: it may be used meanwhile, and comes and
 * goes with its server.
 */
export interface OpenedStore {
  store: SessionStore;
  reached?: Promise<void>;
}

// Each store's package is loaded lazily: an application needs only that of its own.
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
    // Applications that share a Redis must not share users: one's logout would be the other's.
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
 * The store that the options name, told to their meter and their log. Rejects with a `PeerError` or
 * a `StoreError` where it cannot be opened.
 */
export async function openStore(resolved: ResolvedOidc, common: ResolvedCommon): Promise<OpenedStore> {
  const { store, ...more } = await openNamed(resolved, common);
  const { meter, logger } = common;
  return { store: loggedStore(meter === NO_METER ? store : meteredStore(store, meter), logger), ...more };
}
