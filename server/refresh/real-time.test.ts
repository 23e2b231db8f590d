import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest';
import { startProvider, type TestProvider } from '../dev-provider/provider.js';
import { createKeyRing } from '../record/key-ring.js';
import { type ForkedServer, prepareServers } from '../testing/processes/fork-servers.js';
import { startRedis, type TestRedis } from '../testing/processes/redis-server.js';
import { serviceAt } from '../testing/service-bench.js';
import { openShared } from '../testing/shared-store.js';

/** An outage of Redis, longer than any time-out of a command and than a lease. */
const AWAY_MS = 11_000;
/** A provider that answers after the time-out of a token request, which is 20 s. */
const SLOW_MS = 21_500;
const ANSWER_BYTES = 20_000_000;
const PATIENCE = { timeout: 30_000, interval: 200 };

let servers: Awaited<ReturnType<typeof prepareServers>>;
beforeAll(async () => {
  servers = await prepareServers();
});
afterAll(() => servers?.cleanUp());

interface Site {
  provider: TestProvider;
  redis: TestRedis;
  processes: ForkedServer[];
  cookie: string;
}

/**
 * Processes that share a Redis, and a session whose token is due: with the time-outs of life. They
 * end with the test.
 */
async function startSite(count: number, onTestFinished: TestContext['onTestFinished']): Promise<Site> {
  const [provider, redis] = await Promise.all([startProvider({ ttl: { accessToken: 60 } }), startRedis()]);
  const store = { url: redis.url, prefix: 'app:' };
  const keys = [randomBytes(32).toString('base64url')];
  const bench = serviceAt(provider, { store: await openShared(store), keys: createKeyRing(keys) });
  const { cookie } = await bench.open();
  await bench.service.close();
  const settings = { store, issuer: provider.issuer, keys, aheadMs: 45_000, waitTimeout: 8 };
  const processes = await Promise.all(Array.from({ length: count }, () => servers.forkServer(settings)));
  onTestFinished(async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await provider.close();
    await redis.close();
  });
  return { provider, redis, processes, cookie };
}

const kindOf = async (process: ForkedServer, cookie: string, aheadMs?: number) => {
  const { verdicts } = await process.beat([cookie], aheadMs);
  return verdicts[0]?.kind;
};

describe('with the times of life', () => {
  it.concurrent.for<[string, (redis: TestRedis) => unknown, (redis: TestRedis) => unknown]>([
    ['hangs', (redis) => redis.freeze(), (redis) => redis.wake()],
    ['is killed', (redis) => redis.stop('SIGKILL'), (redis) => redis.restart()],
  ])(
    'a grant whose Redis %s after the token was rotated is kept by its process, and no other sends the old token',
    { timeout: 90_000 },
    async ([, leave, comeBack], { expect, onTestFinished }) => {
      const { provider, redis, processes, cookie } = await startSite(2, onTestFinished);
      const [holder, other] = processes;
      if (!holder || !other) throw new Error('two processes were asked for');
      let away = false;
      provider.fault(
        {
          rewrite: (json) => {
            void leave(redis);
            away = true;
            return json;
          },
        },
        1,
      );
      const asked = holder.beat([cookie]);
      await expect.poll(() => away, PATIENCE).toBe(true);
      const over = sleep(AWAY_MS).then(() => false);
      const meanwhile: unknown[] = [];
      while (await Promise.race([over, sleep(500, true)]))
        meanwhile.push(...(await Promise.all(processes.map((process) => kindOf(process, cookie)))));
      expect(meanwhile).toEqual(meanwhile.map(() => 'later'));
      await comeBack(redis);
      expect((await asked).verdicts).toMatchObject([{ kind: 'later' }]);
      for (const process of [other, holder]) await expect.poll(() => kindOf(process, cookie), PATIENCE).toBe('alive');
      expect(provider.calls().refresh).toBe(1);
      // The stored token is the one that the provider takes next.
      expect((await other.beat([cookie], 90_000)).verdicts).toMatchObject([
        { kind: 'alive', body: { refreshed: true } },
      ]);
      expect(provider.calls().refresh).toBe(2);
    },
  );

  it.concurrent('a provider that rotates strictly and answers after the time-out costs no session', {
    timeout: 120_000,
  }, async ({ expect, onTestFinished }) => {
    const { provider, processes, cookie } = await startSite(2, onTestFinished);
    const [holder, other] = processes;
    if (!holder || !other) throw new Error('two processes were asked for');
    let answered = false;
    const slow = () => sleep(SLOW_MS).then(() => (answered = true));
    provider.fault(() => ({ hold: slow() }), 1);
    const kinds = new Set<unknown>();
    while (!answered) for (const process of [holder, other]) kinds.add(await kindOf(process, cookie));
    expect([...kinds]).not.toContain('over');
    for (const process of [other, holder]) await expect.poll(() => kindOf(process, cookie), PATIENCE).toBe('alive');
    expect(provider.calls().refresh).toBe(1);
    expect((await other.beat([cookie], 90_000)).verdicts).toMatchObject([{ kind: 'alive', body: { refreshed: true } }]);
    expect(provider.calls().refresh).toBe(2);
  });

  it.concurrent('token answers of 20 MB do not make the process grow', { timeout: 60_000 }, async ({
    expect,
    onTestFinished,
  }) => {
    const { provider, processes, cookie } = await startSite(1, onTestFinished);
    const [process] = processes;
    if (!process) throw new Error('a process was asked for');
    let aheadMs = 45_000;
    const refresh = async () => {
      aheadMs += 45_000;
      return process.beat([cookie], aheadMs);
    };
    // Until all that the process needs in any case is loaded.
    for (let round = 0; round < 40; round += 1) await refresh();
    const before = await refresh();
    expect(before.verdicts).toMatchObject([{ kind: 'alive', body: { refreshed: true } }]);
    const calls = provider.calls().refresh;
    provider.fault({ status: 200, body: `{"x":"${'x'.repeat(ANSWER_BYTES)}"}` }, 3);
    await refresh();
    await expect.poll(() => kindOf(process, cookie), PATIENCE).toBe('alive');
    expect(provider.calls().refresh - calls).toBeGreaterThan(3);
    const { peakBytes, log } = await process.beat([cookie]);
    expect(log.match(/ANSWER_TOO_LONG/g)).toHaveLength(3);
    expect(peakBytes - before.peakBytes).toBeLessThan(ANSWER_BYTES);
  });
});
