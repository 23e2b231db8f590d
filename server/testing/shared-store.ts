import { sqliteStore } from '../store/sqlite/sqlite-store.js';
import type { SessionStore } from '../store/store.js';
import { type LogRecorder, recordLog } from './log-recorder.js';
import { redisStoreAt } from './processes/redis-store-at.js';

/**
 * A store that several processes may open: a file, or a prefix in a Redis. Plain data, so that it
 * can be told to another process.
 */
export type SharedStore = { file: string } | { url: string; prefix: string };

export const openShared = (where: SharedStore, log: LogRecorder = recordLog()): Promise<SessionStore> =>
  'file' in where ? sqliteStore(where.file) : redisStoreAt(where.url, where.prefix, log);
