import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { memoryStore } from '../store/memory-store.js';
import { type Due, dueSession } from '../testing/due-session.js';
import { useProvider } from '../testing/use-provider.js';
import { REFRESH_TIMINGS } from './refresh-context.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

const due = (...how: Due) => dueSession(provider, ...how);

describe('a grant that the store does not take at once', () => {
  it('is stored when the store is back: the rotated token exists nowhere else', async () => {
    const store = memoryStore();
    const { commit } = store;
    let failures = 2;
    store.commit = async (...grant) => {
      failures -= 1;
      if (failures >= 0) throw new Error('disk full');
      return commit(...grant);
    };
    const { beat, calls } = await due('pass', undefined, { store });
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(failures).toBe(-1);
    expect(calls()).toBe(1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: false } });
  });

  it('is kept for as long as the process lives, and the log says that it waits and that it is stored', async () => {
    const store = memoryStore();
    const { commit } = store;
    let isAway = true;
    store.commit = async (...grant) => {
      if (isAway) throw new Error('disk full');
      return commit(...grant);
    };
    const { beat, calls, log } = await due('pass', undefined, { store });
    const told = (event: string) => log.lines.filter(({ facts }) => 'event' in facts && facts.event === event);
    expect(await beat()).toMatchObject({ kind: 'later' });
    await expect.poll(() => told('refresh.unsaved').length, { timeout: 20_000 }).toBe(1);
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'store_unavailable' });
    isAway = false;
    await expect.poll(() => told('refresh.saved').length, { timeout: 20_000 }).toBe(1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: false } });
    expect([calls(), told('refresh.unsaved').length]).toEqual([1, 1]);
    // A failover of the store takes half a minute, which this test does not wait for.
    expect(REFRESH_TIMINGS.storeForMs).toBeGreaterThanOrEqual(300_000);
    expect(log.text()).not.toMatch(/eyJ/);
  }, 60_000);

  it.each([
    ['and whose session ended meanwhile has its new token revoked', 'idle_timeout', {}, false],
    ['and whose user signed out meanwhile too', 'revoked', { revokes: true }, false],
    ['but not where a login has taken its place, whose own token would go with it', 'revoked', {}, true],
  ] as const)('%s', async (_, reason, how, isLeft) => {
    const store = memoryStore();
    let rotated = '';
    let cookie = '';
    const { beat, service, ...bench } = await due(
      {
        rewrite: (json) => {
          rotated = String(json.refresh_token);
          // Another process ends it, and has only the old token to revoke: this one's is its own
          // business.
          void store.end(storeKeyOf(cookie), reason, how);
          return json;
        },
      },
      1,
      { store },
    );
    cookie = bench.cookie;
    expect(await beat()).toMatchObject({ kind: 'over', reason });
    await service.close();
    expect(rotated).not.toBe('');
    expect((await provider.provider.RefreshToken.find(rotated)) !== undefined).toBe(isLeft);
  });
});
