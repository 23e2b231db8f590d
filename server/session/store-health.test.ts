import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordLog } from '../testing/log-recorder.js';
import type { TestProvider } from '../testing/provider.js';
import { startRedis, type TestRedis } from '../testing/redis-server.js';
import { HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';
import { memoryStore } from './memory-store.js';
import { connectRedis } from './redis-connection.js';
import { redisStore } from './redis-store.js';
import { sqliteStore } from './sqlite-store.js';
import type { SessionStore } from './store.js';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-health-'));
let provider: TestProvider;
useProvider((started) => {
  provider = started;
});
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Breakable {
  store: SessionStore;
  breakDown(): Promise<void>;
  mend(): Promise<void>;
}

async function frozenRedis(): Promise<Breakable> {
  const connection = connectRedis(redis.url, recordLog(), 300);
  await connection.ready;
  return {
    store: redisStore(connection, 'health:'),
    breakDown: async () => void redis.freeze(),
    mend: async () => void redis.wake(),
  };
}

async function stoppedRedis(): Promise<Breakable> {
  const connection = connectRedis(redis.url, recordLog());
  await connection.ready;
  return {
    store: redisStore(connection, 'health:'),
    breakDown: () => redis.stop('SIGKILL'),
    mend: () => redis.restart(),
  };
}

/** A file that another process writes to without an end: it can be read. */
async function lockedFile(): Promise<Breakable> {
  const path = join(folder, 'locked.db');
  const store = await sqliteStore(path);
  const code = `const db = new (require('libsql'))(process.argv[1], { timeout: 10000 });
    db.exec('begin immediate'); console.log('locked');
    process.stdin.once('data', () => { db.exec('commit'); db.close(); process.exit(); });`;
  const locker = () => spawn(process.execPath, ['-e', code, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  let holder: ReturnType<typeof locker> | null = null;
  return {
    store,
    async breakDown() {
      holder = locker();
      await once(holder.stdout, 'data');
    },
    async mend() {
      const gone = holder && once(holder, 'exit');
      holder?.stdin.write('now');
      await gone;
    },
  };
}

async function failingMemory(): Promise<Breakable> {
  const memory = memoryStore();
  let broken = false;
  const store = new Proxy(memory, {
    get: (target, name, receiver) =>
      broken ? () => Promise.reject(new Error('disk full')) : Reflect.get(target, name, receiver),
  });
  return {
    store,
    async breakDown() {
      broken = true;
    },
    async mend() {
      broken = false;
    },
  };
}

describe.each([
  ['a Redis that hangs', frozenRedis],
  ['a Redis that is killed', stoppedRedis],
  ['a SQLite file that another process keeps locked', lockedFile],
  ['a store in memory that throws', failingMemory],
] as const)('%s', (_name, make) => {
  it('is one error line for its outage and one line for the end, however many requests fail', async () => {
    const { store, breakDown, mend } = await make();
    const { service, log, open, pass } = serviceAt(provider, { store, refreshTokenIdle: 600 });
    const { cookie } = await open();
    pass(2);
    await breakDown();
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.beat(cookie, HERE)));
    expect(answers.map((answer) => 'reason' in answer && answer.reason)).toEqual(Array(50).fill('store_unavailable'));
    await mend();
    const told = () => log.lines.filter(({ level }) => level === 'error' || level === 'warn');
    await expect.poll(() => told().length).toBe(2);
    expect(told()).toMatchObject([
      { level: 'error', message: 'the session store failed', facts: { code: 'store_unavailable' } },
      { level: 'warn', message: 'the session store answers again', facts: { failures: 50 } },
    ]);
    await expect.poll(async () => (await service.peek(cookie)).kind).toBe('alive');
    await service.close();
    expect(told()).toHaveLength(2);
  });
});
