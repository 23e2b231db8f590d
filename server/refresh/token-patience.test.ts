import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { type Due, dueSession } from '../testing/due-session.js';
import { useProvider } from '../testing/use-provider.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

const due = (...how: Due) => dueSession(provider, ...how);

describe('an answer of the token endpoint that comes late or never', () => {
  it('is awaited no longer than the time-out', async () => {
    const { beat, calls, service } = await due('hang', Number.POSITIVE_INFINITY, { tokenTimeout: 0.1 });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_timeout' });
    await expect.poll(calls, { timeout: 5_000 }).toBe(3);
    await service.close();
  });

  it('is listened for after the time-out: a provider that rotates strictly and is slow costs no session', async () => {
    let letThrough = () => {};
    const hold = new Promise<void>((resolve) => (letThrough = resolve));
    const { beat, calls, options, cookie, service } = await due({ hold }, 1, { tokenTimeout: 1 });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_timeout' });
    // No replay is sent while the first request is open, and no beat waits for it any longer.
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_timeout' });
    expect(calls()).toBe(1);
    letThrough();
    await expect.poll(async () => (await options.store.read(storeKeyOf(cookie)))?.generation).toBe(2);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: false } });
    expect(calls()).toBe(1);
    await service.close();
  });

  it('is listened for no longer than the time-out where the process ends', async () => {
    const { beat, calls, service } = await due('hang', 1, { tokenTimeout: 1, waitTimeout: 0.1 });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    await expect.poll(calls).toBe(1);
    const begun = performance.now();
    await service.close();
    expect(performance.now() - begun).toBeLessThan(2_500);
  });

  it('leaves a request that loses patience with busy, and its grant is stored all the same', async () => {
    let letThrough = () => {};
    const hold = new Promise<void>((resolve) => (letThrough = resolve));
    const { beat, calls, options, cookie } = await due({ hold }, 1, { waitTimeout: 0.1 });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    letThrough();
    await expect.poll(async () => (await options.store.read(storeKeyOf(cookie)))?.generation).toBe(2);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: false } });
    expect(calls()).toBe(1);
  });
});
