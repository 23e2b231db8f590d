import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createKeepaliveApp } from '../app.js';
import { KEY, ORIGIN, startApp } from '../testing/app/app-under-test.js';

describe('a login after the absolute limit', () => {
  it('makes the provider ask for the credentials anew (its own session must not undo the limit)', async () => {
    const test = await startApp({ absoluteTimeout: 0.5 });
    const browser = test.browser();
    await test.signIn(browser);
    const cookie = browser.cookies().get('stillhere') ?? null;
    while ((await test.keepalive.service.peek(cookie)).kind === 'alive')
      await new Promise((resolve) => setTimeout(resolve, 50));
    const { url, path } = await browser.go('/auth/login');
    expect(new URL(path[1] ?? '').searchParams.get('max_age')).toBe('0');
    expect(path.some((address) => address.includes('/interaction/'))).toBe(true);
    expect(url).toBe(`${ORIGIN}/`);
    await test.close();
  });
});

describe('a provider that is asked for the credentials anew and does not say when it saw them', () => {
  /**
   * The status of a callback whose ID token lacks `auth_time`: the request for it is taken out of
   * the address on the way.
   */
  async function statusOfCallback(metadata: Record<string, unknown>): Promise<number> {
    const test = await startApp({ absoluteTimeout: 0.5, metadata });
    const browser = test.browser();
    await test.signIn(browser);
    await expect
      .poll(async () => (await test.keepalive.service.peek(browser.cookies().get('stillhere') ?? null)).kind, {
        timeout: 10_000,
      })
      .toBe('over');
    const asking = new URL((await browser.send('/auth/login')).headers.get('location') ?? '');
    expect(asking.searchParams.get('max_age')).toBe('0');
    asking.searchParams.delete('max_age');
    const { url } = await browser.go(asking.href, (to) => to.startsWith(`${ORIGIN}/auth/callback`));
    const { status } = await browser.send(url);
    await test.close();
    return status;
  }

  it('is not believed (whoever sits at the screen could take the request for it out of the address)', async () => {
    expect(await statusOfCallback({})).toBe(400);
  });

  it('signs in all the same where its metadata say that it has no such claim, or nobody could ever again', async () => {
    expect(await statusOfCallback({ claims_supported: ['sub', 'iss'] })).toBe(303);
  });
});

describe('a provider that says how long its refresh tokens idle', () => {
  it.each(['refresh_expires_in', 'refresh_token_expires_in'])('is understood at login (%s)', async (member) => {
    const test = await startApp({ tokens: { [member]: '40' } });
    const browser = test.browser();
    await test.signIn(browser);
    const left = await (await browser.send('/auth/session')).json();
    expect(left).toMatchObject({ nextBeatIn: expect.closeTo(20, -1) });
    expect(test.log.join()).not.toContain('REFRESH_TOKEN_IDLE');
    await test.close();
  });

  it('or does not is asked about, once', async () => {
    const test = await startApp();
    for (let n = 0; n < 2; n += 1) await test.signIn(test.browser());
    expect(test.log.filter((line) => line.includes('set REFRESH_TOKEN_IDLE'))).toHaveLength(1);
    await test.close();
  });
});

describe('a provider without refresh tokens', () => {
  it('gives a session as long as its access token, warned of once at login', async () => {
    const test = await startApp({ refreshTokens: false });
    const browser = test.browser();
    await test.signIn(browser);
    expect(test.log.filter((line) => line.includes('refresh token: its session ends'))).toHaveLength(1);
    await test.close();
  });
});

describe('the mount', () => {
  const oidc = { issuer: 'https://id.example', clientId: 'app' };
  const page = async (path: string, basePath?: string): Promise<string> => {
    const keepalive = createKeepaliveApp({
      appOrigin: ORIGIN,
      oidc,
      store: 'memory',
      keys: [KEY],
      ...(basePath ? { basePath } : {}),
    });
    const app = new Hono();
    app.route('/a/b', keepalive);
    app.route('/', keepalive);
    const text = await (await app.request(ORIGIN + path)).text();
    await keepalive.close();
    return text;
  };

  it('is learnt from the request', async () => {
    expect(await page('/a/b/signed-in')).toContain('stillhere:/a/b/heartbeat');
    expect(await page('/signed-in')).toContain('stillhere:/heartbeat');
  });

  it('is what the option says, where a proxy in front cuts paths', async () => {
    expect(await page('/signed-in', '/auth')).toContain('stillhere:/auth/heartbeat');
  });
});
