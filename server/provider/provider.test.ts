import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LoginProvider, startLoginProvider } from '../testing/app/login-provider.js';
import { createProvider } from './provider.js';

let started: LoginProvider;
beforeAll(async () => {
  const home = 'http://localhost:3999/';
  started = await startLoginProvider({ redirectUri: `${home}auth/callback`, postLogoutRedirectUri: home });
});
afterEach(() => vi.useRealTimers());
afterAll(() => started.close());

const HOUR = 3_600_000;

describe('the metadata of the provider', () => {
  it('are asked for by nobody at first, once by all who need them, and anew after an hour', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { issuer, clientId, clientSecret, paths } = started;
    paths.length = 0;
    const proof = { method: null, secret: clientSecret, key: null };
    const settings = { issuer: new URL(issuer), clientId, proof, scope: 'openid', authParams: {} };
    const { access } = createProvider(settings);
    expect(paths).toHaveLength(0);
    await Promise.all([access(), access(), access()]);
    vi.advanceTimersByTime(HOUR - 1);
    const first = await access();
    expect(paths).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(await access()).not.toBe(first);
    expect(paths).toHaveLength(2);
  });

  it('serve a minute longer each time that they cannot be had anew, and are asked for again then', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const home = 'http://localhost:3999/';
    const { close, issuer, clientId, clientSecret, paths } = await startLoginProvider({
      redirectUri: `${home}auth/callback`,
      postLogoutRedirectUri: home,
    });
    const proof = { method: null, secret: clientSecret, key: null };
    const settings = { issuer: new URL(issuer), clientId, proof, scope: 'openid', authParams: {} };
    const { access } = createProvider(settings);
    const first = await access();
    await close();
    const asked = vi.spyOn(globalThis, 'fetch');
    vi.advanceTimersByTime(HOUR);
    for (const expected of [1, 1, 2]) {
      expect(await access()).toBe(first);
      expect(asked).toHaveBeenCalledTimes(expected);
      if (expected === 1) vi.advanceTimersByTime(30_000);
    }
    expect(paths).toHaveLength(1);
    asked.mockRestore();
    const { access: never } = createProvider(settings);
    await expect(never()).rejects.toThrow();
  });
});
