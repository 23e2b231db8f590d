import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createKeepaliveApp } from './app.js';
import { KEY, ORIGIN, startApp } from './testing/app-under-test.js';

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
