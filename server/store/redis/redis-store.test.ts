import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { startProvider } from '../../dev-provider/provider.js';
import { recordLog } from '../../testing/log-recorder.js';
import { startRedis, type TestRedis } from '../../testing/processes/redis-server.js';
import { ASKING, HERE, serviceAt } from '../../testing/service-bench.js';
import type { Verdict } from '../../verdict/verdict.js';
import type { SessionFacts, SessionStore } from '../store.js';
import { connectRedis } from './redis-connection.js';
import { redisStore } from './redis-store.js';

const facts: SessionFacts = {
  ...{ sessionId: 's', user: 'u', createdAt: Date.now(), absoluteEndAt: Date.now() + 60_000, grantedAt: Date.now() },
  ...{ accessExpiresAt: null, accessLife: null, refreshIdle: null, refreshEndAt: null, hasRefreshToken: true },
};
const session = (key: string, life = 60_000) => ({
  ...{ key, facts, lastActiveAt: facts.createdAt, sidKey: 'sid', sealed: `sealed-${key}` },
  purgeAt: facts.createdAt + life,
});

const touch = (store: SessionStore) => store.readAndTouch('a', { at: facts.createdAt + 5, step: 1, after: 0 });

const closing: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function redisOfOwn(...settings: string[]): Promise<TestRedis> {
  const redis = await startRedis(...settings);
  closing.push(redis.close);
  return redis;
}

/** A store in it, and what it is made of. */
function storeIn(url: string, { prefix = 'app:', commandTimeout = 5_000 } = {}) {
  const log = recordLog();
  const connection = connectRedis(url, log, commandTimeout);
  const store: SessionStore = redisStore(connection, prefix);
  closing.push(store.close);
  return { log, connection, store };
}

async function connectedStore(redis: TestRedis, options = {}) {
  const made = storeIn(redis.url, options);
  await made.connection.ready;
  return made;
}

describe('a store in Redis', () => {
  it('fails at once while Redis is away, and goes on with every session when it is back', async () => {
    const redis = await redisOfOwn();
    const { store, log } = await connectedStore(redis);
    await store.create(session('a'));
    await redis.stop('SIGKILL');
    await expect(store.read('a')).rejects.toMatchObject({ name: 'StoreError', code: 'store_unavailable' });
    await expect(store.commit('a', 1, { facts, sealed: 'second' })).rejects.toMatchObject({ name: 'StoreError' });
    await redis.restart();
    await expect
      .poll(() => store.commit('a', 1, { facts, sealed: 'second' }).catch(() => null), { timeout: 10_000 })
      .toBe(true);
    expect(await store.readSealed('a')).toBe('second');
    expect(log.text()).toContain('the connection to Redis was lost');
    expect(log.text()).toContain('connected to Redis again');
  });

  it('gives up a command that Redis does not answer, and takes the next one', async () => {
    const redis = await redisOfOwn();
    const { store } = await connectedStore(redis, { commandTimeout: 200 });
    await store.create(session('a'));
    redis.freeze();
    await expect(touch(store)).rejects.toThrow('The session store failed (timeout)');
    redis.wake();
    await expect.poll(async () => (await store.read('a').catch(() => null))?.key).toBe('a');
  });

  it('hangs up on a Redis that does not answer: later calls fail at once, and none waits in memory', async () => {
    const redis = await redisOfOwn();
    const { store, log } = await connectedStore(redis, { commandTimeout: 1_000 });
    await store.create(session('a'));
    redis.freeze();
    await expect(store.read('a')).rejects.toThrow('timeout');
    await expect.poll(() => log.text()).toContain('the connection to Redis was lost');
    const isFast = async () => {
      const patience = new AbortController();
      const late = sleep(1_000, 'late', { signal: patience.signal }).catch(() => 'cut short');
      const first = await Promise.race([store.read('a').catch(() => 'failed'), late]);
      patience.abort();
      return first;
    };
    expect(await Promise.all(Array.from({ length: 100 }, isFast))).toEqual(Array(100).fill('failed'));
    redis.wake();
    await expect.poll(async () => (await store.read('a').catch(() => null))?.key).toBe('a');
  });

  it('says that it cannot connect to a Redis that hangs', async () => {
    const redis = await redisOfOwn();
    redis.freeze();
    const { connection } = storeIn(redis.url, { commandTimeout: 300 });
    await expect(connection.ready).rejects.toMatchObject({ name: 'StoreError' });
  });

  it('goes on where Redis has forgotten the scripts', async () => {
    const redis = await redisOfOwn();
    const { store, connection } = await connectedStore(redis);
    await store.create(session('a'));
    await connection.ask((client) => client.script('FLUSH'));
    expect(await store.renew('a', 'nobody', 1)).toBe(false);
    expect(await store.end('a', 'revoked')).toEqual({ facts, sealed: 'sealed-a' });
  });

  it('connects anew where it was led to a replica, which takes no writes', async () => {
    const redis = await redisOfOwn();
    const { store, connection } = await connectedStore(redis);
    await store.create(session('a'));
    await connection.ask((client) => client.replicaof('127.0.0.1', '1'));
    await expect(touch(store)).rejects.toThrow('The session store failed (READONLY)');
    await expect.poll(() => connection.ask((client) => client.replicaof('NO', 'ONE')).catch(() => null)).toBe('OK');
    await touch(store);
    expect((await store.read('a'))?.lastActiveAt).toBe(facts.createdAt + 5);
  });

  it('leaves nothing behind of sessions whose time is over', async () => {
    const redis = await redisOfOwn();
    const { store, connection } = await connectedStore(redis);
    await store.create({ ...session('a'), facts: { ...facts, createdAt: Date.now() }, purgeAt: Date.now() + 50 });
    await store.remember({ name: 'j', value: 1, now: 0, expiresAt: 10 });
    const size = () => connection.ask((client) => client.dbsize());
    // What is remembered stays for as long as clocks may differ.
    await expect.poll(size).toBe(1);
    expect(await connection.ask((client) => client.pttl('app:remembered:j'))).toBeGreaterThan(0);
  });

  it('keeps no names of sessions that are gone in the list of a user who signs in again and again', async () => {
    const redis = await redisOfOwn();
    const { store, connection } = await connectedStore(redis);
    for (let n = 0; n < 5; n += 1) {
      const createdAt = facts.createdAt + n * 1_000;
      await store.create({ ...session(`k${n}`), facts: { ...facts, createdAt }, purgeAt: createdAt + 1_500 });
    }
    expect(await connection.ask((client) => client.zrange('app:user:u', 0, '-1'))).toEqual(['k3', 'k4']);
  });

  it('keeps applications apart by their prefix', async () => {
    const redis = await redisOfOwn();
    const { store } = await connectedStore(redis);
    const { store: other } = await connectedStore(redis, { prefix: 'other:' });
    await store.create(session('a'));
    expect(await other.read('a')).toBeNull();
    expect(await other.endAll({ sidKey: 'sid' }, 'revoked')).toEqual([]);
    expect((await store.read('a'))?.ended).toBeNull();
  });

  it('says once what would lose sessions', async () => {
    const redis = await redisOfOwn('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru');
    const { log } = await connectedStore(redis);
    await expect.poll(() => log.text()).toContain('appendonly yes');
    expect(log.text()).toContain('maxmemory-policy noeviction');
    const careful = await connectedStore(await redisOfOwn());
    await careful.store.read('a');
    expect(careful.log.text()).not.toMatch(/appendonly|maxmemory/);
  });

  it('says why it cannot connect, and quotes no password', async () => {
    const redis = await redisOfOwn('--requirepass', 'right-password');
    const url = redis.url.replace('//', '//:wrong-password@');
    const { connection, log } = storeIn(url);
    await expect(connection.ready).rejects.toThrow('The session store failed (WRONGPASS)');
    expect(log.text()).toContain('WRONGPASS');
    expect(log.text()).not.toContain('wrong-password');
    await redis.stop();
    const away = storeIn(redis.url);
    await expect(away.connection.ready).rejects.toThrow('The session store failed (ECONNREFUSED)');
  });

  it('connects when Redis comes later than we do', async () => {
    const redis = await redisOfOwn();
    await redis.stop();
    const { connection, store } = storeIn(redis.url);
    await expect(connection.ready).rejects.toMatchObject({ name: 'StoreError' });
    await redis.restart();
    await expect.poll(() => store.create(session('a')).catch(() => null), { timeout: 10_000 }).toBe(true);
  });

  it('is asked once for a beat, and three times with a grant', async () => {
    const redis = await redisOfOwn();
    const { store } = await connectedStore(redis);
    const provider = await startProvider({ ttl: { accessToken: 60 } });
    closing.push(() => provider.close());
    const { service, open, pass } = serviceAt(provider, { store, timings: { renewMs: 60_000 } });
    const { cookie } = await open();
    pass(43);
    for (const presence of [HERE, ASKING]) await service.beat(cookie, presence);
    // From here on Redis knows the scripts. It tells of all commands, and of what a script does as
    // from `lua`.
    const client = new Redis(redis.url);
    const watcher = await client.monitor();
    closing.push(async () => [client, watcher].map((connection) => connection.disconnect()));
    let commands: string[] = [];
    watcher.on('monitor', (_time: string, args: string[], source: string) => {
      if (source !== 'lua') commands.push(args[0] ?? '');
    });
    const asked = async (work: () => Promise<Verdict>) => {
      const verdict = await work();
      await store.readSealed('end');
      await expect.poll(() => commands.at(-1)).toBe('hget');
      const counted = commands.slice(0, -1);
      commands = [];
      return { verdict, counted };
    };
    pass(2);
    expect(await asked(() => service.beat(cookie, HERE))).toMatchObject({
      verdict: { kind: 'alive', body: { refreshed: false } },
      counted: ['evalsha'],
    });
    expect(await asked(() => service.beat(cookie, ASKING))).toMatchObject({ counted: ['evalsha'] });
    pass(60);
    expect(await asked(() => service.beat(cookie, HERE))).toMatchObject({
      verdict: { kind: 'alive', body: { refreshed: true } },
      counted: ['evalsha', 'evalsha', 'evalsha'],
    });
    await service.close();
  });
});
