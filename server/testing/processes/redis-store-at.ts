import { connectRedis } from '../../store/redis/redis-connection.js';
import { redisStore } from '../../store/redis/redis-store.js';
import { type LogRecorder, recordLog } from '../log-recorder.js';

/** A store in the Redis at `url`, connected; each `prefix` is a store of its own. */
export async function redisStoreAt(url: string, prefix: string, log: LogRecorder = recordLog()) {
  const connection = connectRedis(url, log);
  await connection.ready;
  return redisStore(connection, prefix);
}
