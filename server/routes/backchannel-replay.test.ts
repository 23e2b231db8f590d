import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createKeepaliveApp } from '../app.js';
import { memoryStore } from '../store/memory-store.js';
import { type SessionStore, StoreError } from '../store/store.js';
import { type AppUnderTest, KEY, ORIGIN, startApp } from '../testing/app/app-under-test.js';

const seconds = (): number => Math.floor(Date.now() / 1_000);

/** A logout token for `ada` from some seconds ago: a login of now is a later one. */
const tokenFor = ({ provider }: AppUnderTest): Promise<string> => {
  const { issuer: iss, clientId: aud } = provider;
  const iat = seconds() - 3;
  return provider.logoutToken({ iss, aud, sub: 'ada', iat, exp: iat + 120, jti: randomUUID() });
};

async function post({ app }: Pick<AppUnderTest, 'app'>, token: string): Promise<number> {
  const body = new URLSearchParams({ logout_token: token });
  return (await app.request(`${ORIGIN}/auth/backchannel-logout`, { method: 'POST', body })).status;
}

async function newSession(test: AppUnderTest): Promise<() => Promise<string>> {
  const browser = test.browser();
  await test.signIn(browser);
  const cookie = browser.cookies().get('stillhere') ?? null;
  return async () => (await test.keepalive.service.peek(cookie)).kind;
}

/** A memory store whose calls of one method can be held or made to fail. */
function storeWith(method: 'endAll' | 'remember', around: (name: string, call: () => unknown) => unknown) {
  const store = memoryStore();
  return new Proxy<SessionStore>(store, {
    get(target, name, receiver) {
      const work = Reflect.get(target, name, receiver);
      if (name !== method) return work;
      return (input: { name?: string }, ...rest: unknown[]) =>
        around(input.name ?? '', () => Reflect.apply(work, target, [input, ...rest]));
    },
  });
}

describe('a logout token that comes again', () => {
  it('changes nothing: a session that began meanwhile lives, and one warning says that it is a replay', async () => {
    const test = await startApp();
    const first = await newSession(test);
    const token = await tokenFor(test);
    expect(await post(test, token)).toBe(200);
    expect(await first()).toBe('over');
    const second = await newSession(test);
    test.log.length = 0;
    expect(await post(test, token)).toBe(400);
    expect(test.log).toEqual([
      'back-channel logout: the logout token was refused {"event":"backchannel.refuse","reason":"replayed"}',
    ]);
    expect(await second()).toBe('alive');
    await test.close();
  });

  it('while the first is carried out ends no session that began after it either', async () => {
    const held: (() => void)[] = [];
    const store = storeWith('endAll', async (_, call) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return call();
    });
    const test = await startApp({ store });
    const earlier = await newSession(test);
    const token = await tokenFor(test);
    const answers = [post(test, token), post(test, token)];
    await expect.poll(() => held.length).toBe(2);
    held[0]?.();
    expect(await Promise.race(answers)).toBe(200);
    expect(await earlier()).toBe('over');
    const later = await newSession(test);
    held[1]?.();
    expect((await Promise.all(answers)).sort()).toEqual([200, 400]);
    expect(await later()).toBe('alive');
    await test.close();
  });

  it('to another process is a replay there as well, and one of many at once is taken', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'stillhere-replay-'));
    const test = await startApp({ store: 'sqlite', dataDir });
    const { issuer, clientId } = test.provider;
    const options = { appOrigin: ORIGIN, oidc: { issuer, clientId }, keys: [KEY] };
    const other = createKeepaliveApp({ ...options, store: 'sqlite', dataDir });
    await other.ready;
    const site = { app: new Hono().route('/auth', other) };
    const earlier = await newSession(test);
    const token = await tokenFor(test);
    const answers = await Promise.all([test, site, test, site, test, site].map((each) => post(each, token)));
    expect(answers.sort()).toEqual([200, 400, 400, 400, 400, 400]);
    expect(await earlier()).toBe('over');
    const later = await newSession(test);
    expect(await post(site, token)).toBe(400);
    expect(await later()).toBe('alive');
    await other.close();
    await test.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
});

/**
 * What began before the next try is still dated after the token, which two clocks can tell only if
 * its arrival was stored.
 */
describe('a logout that the store could not keep', () => {
  const down = new StoreError('down', 'SQLITE_FULL');
  it.each<[string, 'endAll' | 'remember', RegExp, string]>([
    ['the sessions cannot be ended', 'endAll', /^$/, 'alive'],
    ['the arrival of the token cannot be stored', 'remember', / seen$/, 'over'],
    ['the use of the token cannot be stored', 'remember', / used$/, 'alive'],
  ])('because %s is answered with 503, and the same token is taken later', async (_, method, names, between) => {
    let isDown = true;
    const store = storeWith(method, (name, call) => {
      if (isDown && names.test(name)) throw down;
      return call();
    });
    const test = await startApp({ store });
    const earlier = await newSession(test);
    const token = await tokenFor(test);
    expect(await post(test, token)).toBe(503);
    isDown = false;
    const later = await newSession(test);
    expect(await post(test, token)).toBe(200);
    expect(await earlier()).toBe('over');
    expect(await later()).toBe(between);
    expect(await post(test, token)).toBe(400);
    await test.close();
  });
});
