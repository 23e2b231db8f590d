import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { hangingRedis, killedRedis, lockedFile } from '../testing/breakable-store.js';
import { type CrowdAnswer, signInCrowd } from '../testing/crowd.js';
import { useProvider } from '../testing/use-provider.js';

const USERS = 30;
/** So many grants run at once. */
const RUNNING = 16;
/** In seconds. */
const IDLE = 600;
const DUE = 45;

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

describe.each([
  ['a Redis that hangs', hangingRedis],
  ['a Redis that is killed and started again', killedRedis],
  ['a SQLite file that another process keeps locked', lockedFile],
] as const)('thirty sessions whose grants meet %s', (_name, make) => {
  it('live after an outage that is longer than the idle limit, at a provider that takes no token twice', async () => {
    const { store, breakDown, mend, cleanUp } = await make(900);
    const settings = { store, idleTimeout: IDLE, storeTimeout: 10, waitTimeout: 1 };
    let letThrough = () => {};
    const { users, pass, log, service } = await signInCrowd(provider, USERS, settings);
    onTestFinished(async () => {
      letThrough();
      await service.close();
      await cleanUp();
    });
    const beatAll = () => Promise.all(users.map((user) => user.beat()));
    const statusesOf = (answers: readonly CrowdAnswer[]) => [...new Set(answers.map(({ status }) => status))];
    pass(DUE);
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) });
    const before = provider.calls().refresh;
    const granted = provider.grants();
    const first = beatAll();
    await expect.poll(() => provider.calls().refresh).toBe(before + RUNNING);
    await breakDown();
    provider.fault('pass');
    letThrough();
    await expect.poll(() => provider.grants()).toBe(granted + RUNNING);
    expect(statusesOf(await first)).toEqual([503]);
    pass(IDLE + 60);
    expect(statusesOf(await beatAll())).toEqual([503]);
    await mend();
    await vi.waitFor(() => expect(log.text()).toContain('the session store answers again'), { timeout: 60_000 });
    await vi.waitFor(async () => expect(statusesOf(await beatAll())).toEqual([200]), { timeout: 60_000 });
    const stored = provider.grants();
    pass(DUE);
    await vi.waitFor(async () => expect(statusesOf(await beatAll())).toEqual([200]), { timeout: 60_000 });
    expect(provider.grants()).toBeGreaterThanOrEqual(stored + USERS);
  }, 120_000);
});
