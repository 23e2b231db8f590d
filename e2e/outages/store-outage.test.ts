import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectRedis } from '../../server/session/redis-connection.js';
import { redisStore } from '../../server/session/redis-store.js';
import { sqliteStore } from '../../server/session/sqlite-store.js';
import type { SessionStore } from '../../server/session/store.js';
import { recordLog } from '../../server/testing/log-recorder.js';
import { startProvider, type TestProvider } from '../../server/testing/provider.js';
import { startRedis, type TestRedis } from '../../server/testing/redis-server.js';
import { openSite, type Site } from './site.js';

/** In seconds. */
const IDLE = 900;
const OUTAGE = 1_080;
const STEP = 90;
/** A page comes back after 306 s at the latest. */
const RETURN = 4 * STEP;
const USERS = 30;
/** In seconds: a store that hangs is given up in a moment of the test's time. A sign-in of all at once may take longer. */
const STORE_TIMEOUT = 1;
const PATIENT = { storeTimeout: 30 };
const BACK = 'the session store answers again';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-store-'));
let provider: TestProvider;
beforeAll(async () => {
  provider = await startProvider({ ttl: { accessToken: IDLE } });
});
afterAll(async () => {
  await provider?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A store, and how it fails and is mended. */
interface Breakable {
  store: SessionStore;
  breakDown(): unknown;
  mend(): unknown;
  cleanUp(): unknown;
}

/** A Redis of its own, which fails and is mended so. */
const redisThat =
  (breakDown: (redis: TestRedis) => unknown, mend: (redis: TestRedis) => unknown) => async (): Promise<Breakable> => {
    const redis = await startRedis();
    const connection = connectRedis(redis.url, recordLog(), STORE_TIMEOUT * 900);
    await connection.ready;
    return {
      store: redisStore(connection, 'outage:'),
      breakDown: () => breakDown(redis),
      mend: () => mend(redis),
      cleanUp: () => redis.close(),
    };
  };

const tell =
  (command: string, ...args: string[]) =>
  async ({ url }: TestRedis): Promise<void> => {
    const client = new Redis(url);
    await client.call(command, ...args);
    client.disconnect();
  };

/** Another process writes to the file without an end. */
async function lockedFile(): Promise<Breakable> {
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
    cleanUp: () => holder?.kill(),
  };
}

const OUTAGES: [name: string, () => Promise<Breakable>][] = [
  [
    'a Redis that hangs',
    redisThat(
      (redis) => redis.freeze(),
      (redis) => redis.wake(),
    ),
  ],
  [
    'a Redis that is killed and started again',
    redisThat(
      (redis) => redis.stop('SIGKILL'),
      (redis) => redis.restart(),
    ),
  ],
  [
    'a Redis that is a replica and refuses writes',
    redisThat(tell('replicaof', '127.0.0.1', '1'), tell('replicaof', 'no', 'one')),
  ],
  [
    'a Redis whose memory is full',
    redisThat(tell('config', 'set', 'maxmemory', '1'), tell('config', 'set', 'maxmemory', '0')),
  ],
  ['a SQLite file that another process keeps locked', lockedFile],
];

/** Runs a test with a store that can fail, and users of its own. */
async function withSite(make: () => Promise<Breakable>, work: (site: Site, broken: Breakable) => Promise<void>) {
  const broken = await make();
  try {
    const site = await openSite(provider, USERS, { store: broken.store, idleTimeout: IDLE, ...PATIENT });
    await work(site, broken).finally(() => site.close());
  } finally {
    await broken.cleanUp();
  }
}

describe('thirty users who type', () => {
  it.concurrent.each(OUTAGES)(
    'stay signed in through %s for longer than the idle limit',
    async (_, make) =>
      withSite(make, async ({ visitors, live, log, restart, newVisitor }, { breakDown, mend }) => {
        const leaving = await newVisitor();
        restart({ storeTimeout: STORE_TIMEOUT });
        const countBack = () => log.lines.filter(({ message }) => message === BACK).length;
        await live(STEP, STEP, [leaving]);
        await breakDown();
        await live(OUTAGE, STEP, [leaving]);
        expect(visitors.filter(({ page }) => page.snapshot().failures === 0)).toEqual([]);
        expect(visitors.map(({ page }) => page.snapshot().answered.code)).toContain('store_unavailable');
        const before = countBack();
        await mend();
        await vi.waitFor(() => expect(countBack()).toBe(before + 1), { timeout: 60_000 });
        await live(RETURN, STEP, [leaving]);
        for (const { page } of visitors) expect(page.snapshot()).toMatchObject({ status: 'active', failures: 0 });
        expect(await Promise.all(visitors.map(async ({ ask }) => (await ask()).status))).toEqual(
          Array(USERS).fill(200),
        );
        // The idle time of a user who left stands still in the outage. Then it goes on, to its end.
        expect((await leaving.ask()).status).toBe(200);
        await live(IDLE - RETURN, STEP, [leaving]);
        expect(await leaving.ask()).toMatchObject({ status: 401, body: { reason: 'idle_timeout' } });
      }),
    120_000,
  );
});
