import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { connectRedis } from '../store/redis/redis-connection.js';
import { redisStore } from '../store/redis/redis-store.js';
import { sqliteStore } from '../store/sqlite/sqlite-store.js';
import type { SessionStore } from '../store/store.js';
import { recordLog } from './log-recorder.js';
import { startRedis, type TestRedis } from './processes/redis-server.js';

/** A store that can fail as a whole, and be mended. */
export interface Breakable {
  store: SessionStore;
  breakDown(): unknown;
  mend(): unknown;
  cleanUp(): unknown;
}

/** Makes one. A command to a Redis may take `commandTimeout` milliseconds. */
export type MakeBreakable = (commandTimeout?: number) => Promise<Breakable>;

type Deed = (redis: TestRedis) => unknown;

/** A store in a Redis of its own, with what breaks it and what mends it. */
const redisThat =
  (breakDown: Deed, mend: Deed): MakeBreakable =>
  async (commandTimeout) => {
    const redis = await startRedis();
    const connection = connectRedis(redis.url, recordLog(), commandTimeout);
    await connection.ready;
    return {
      store: redisStore(connection, 'breakable:'),
      breakDown: () => breakDown(redis),
      mend: () => mend(redis),
      cleanUp: () => redis.close(),
    };
  };

const tell =
  (command: string, ...args: string[]): Deed =>
  async ({ url }) => {
    const client = new Redis(url);
    await client.call(command, ...args);
    client.disconnect();
  };

export const hangingRedis = redisThat(
  (redis) => redis.freeze(),
  (redis) => redis.wake(),
);

/** It is started again with all that it knew. */
export const killedRedis = redisThat(
  (redis) => redis.stop('SIGKILL'),
  (redis) => redis.restart(),
);

/** A replica, as after a failover: it refuses writes. */
export const readOnlyRedis = redisThat(tell('replicaof', '127.0.0.1', '1'), tell('replicaof', 'no', 'one'));

/** Its memory is full: it refuses writes that take more of it. */
export const fullRedis = redisThat(tell('config', 'set', 'maxmemory', '1'), tell('config', 'set', 'maxmemory', '0'));

/** A SQLite file that another process writes to without an end: it can be read. */
export const lockedFile: MakeBreakable = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-locked-'));
  const path = join(folder, 'locked.db');
  const code = `const db = new (require('libsql'))(process.argv[1], { timeout: 10000 });
    db.exec('begin exclusive'); console.log('locked');
    process.stdin.once('data', () => { db.exec('commit'); db.close(); process.exit(); });`;
  const locker = () => spawn(process.execPath, ['-e', code, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  let holder: ReturnType<typeof locker> | null = null;
  return {
    store: await sqliteStore(path),
    async breakDown() {
      holder = locker();
      await once(holder.stdout, 'data');
    },
    async mend() {
      const gone = holder && once(holder, 'exit');
      holder?.stdin.write('now');
      await gone;
    },
    cleanUp() {
      holder?.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
