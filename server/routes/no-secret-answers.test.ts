import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';
import type { Browser } from '../testing/app/browser.js';

/** Requests of a script, of a page that goes to an address or sends a form, and of another site. */
const SENDERS: Record<string, Record<string, string>> = {
  'a script with the header': { ...OURS, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
  'a script without it': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
  'a page': { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
  'another site': {
    ...{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
    Origin: 'https://evil.example',
  },
};
const CODE = 'an-authorization-code-of-somebody';

let test: AppUnderTest;
/** All tokens that sessions were made with. */
const tokens = new Set<string>();
beforeAll(async () => {
  test = await startApp();
  const { service } = test.keepalive;
  const { create } = service;
  service.create = (input) => {
    const { accessToken, refreshToken, idToken } = input.tokens;
    for (const token of [accessToken, refreshToken, idToken]) if (token) tokens.add(token);
    return create(input);
  };
});
afterAll(() => test.close());

const routes = (): string[] => [...new Set(test.keepalive.routes.map(({ path }) => path))].filter((p) => p !== '/*');

/**
 * A request that a route may take, from a browser with a session, a login under way and a logout
 * that waits.
 */
async function requestTo(path: string, method: string, browser: Browser): Promise<[url: string, init: RequestInit]> {
  const begun = await browser.send('/auth/login');
  const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
  const query = path === '/callback' ? `?code=${CODE}&state=${state}` : '';
  const form = path === '/backchannel-logout';
  const { issuer: iss, clientId: aud } = test.provider;
  const iat = Math.floor(Date.now() / 1_000);
  const logout = () => test.provider.logoutToken({ iss, aud, sub: 'nobody', iat, jti: randomUUID() });
  const body = form ? new URLSearchParams({ logout_token: await logout() }) : '{}';
  const headers = form ? {} : { 'Content-Type': 'application/json' };
  return [`${ORIGIN}/auth${path}${query}`, { method, headers, ...(method === 'POST' && { body }) }];
}

function secretsOf(browser: Browser, [url, { body }]: [string, RequestInit]): string[] {
  const cookies = [...browser.cookies()].filter(([name]) => name !== 'stillhere-session').map(([, value]) => value);
  const state = new URL(url).searchParams.get('state');
  const sent = body instanceof URLSearchParams ? (body.get('logout_token') ?? '') : '';
  return [...tokens, ...cookies, CODE, state ?? '', sent].filter(Boolean);
}

describe.each(Object.entries(SENDERS))('what is told to %s', (sender, headers) => {
  it('by any route holds no token, no code and no value of a cookie that scripts cannot read', async () => {
    const isScript = sender !== 'a page';
    const browser = test.browser();
    expect(routes()).toContain('/provider-logout');
    for (const path of routes()) {
      for (const method of ['GET', 'POST']) {
        if (!browser.cookies().has('stillhere')) await test.signIn(browser);
        const [url, init] = await requestTo(path, method, browser);
        const secrets = secretsOf(browser, [url, init]);
        const answer = await browser.send(url, { ...init, headers: { ...(init.headers as object), ...headers } });
        // The cookies that this answer sets are secret too.
        secrets.push(...secretsOf(browser, [url, init]));
        const told = [await answer.text(), isScript ? answer.headers.get('location') : ''].join('\n');
        for (const secret of secrets) expect(told, `${method} ${path}`).not.toContain(secret);
        expect(told, `${method} ${path}`).not.toMatch(/eyJ|id_token_hint/);
      }
    }
    expect(tokens.size).toBeGreaterThanOrEqual(3);
    const log = test.log.join('\n');
    for (const secret of tokens) expect(log).not.toContain(secret);
    expect(log).not.toContain(CODE);
  });
});
