import { randomUUID } from 'node:crypto';
import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, ORIGIN, startApp } from './testing/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

const seconds = (): number => Math.floor(Date.now() / 1_000);
const right = (): JWTPayload => ({
  iss: test.provider.issuer,
  aud: test.provider.clientId,
  sub: 'ada',
  iat: seconds(),
  exp: seconds() + 120,
  jti: randomUUID(),
});
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

async function post(token: string): Promise<Response> {
  return test.app.request(`${ORIGIN}/auth/backchannel-logout`, {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
  });
}

/** Signs in a new user `name`: a logout also ends what begins within its second, which would be the next test's session. */
async function signedInCookie(name: string): Promise<string> {
  test.provider.nextAccount(name);
  const browser = test.browser();
  await test.signIn(browser);
  return browser.cookies().get('stillhere') ?? '';
}

describe('backchannel-logout', () => {
  it.each(['logout+jwt', 'JWT'])('ends the sessions of a user (typ %s)', async (typ) => {
    const cookie = await signedInCookie(typ);
    const response = await post(await test.provider.logoutToken({ ...right(), sub: typ }, { typ }));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'over', reason: 'revoked' });
  });

  it('refuses a token a second time (replayed jti)', async () => {
    const token = await test.provider.logoutToken(right());
    expect((await post(token)).status).toBe(200);
    expect((await post(token)).status).toBe(400);
  });

  it.each<[string, JWTPayload, string?]>([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'another' }],
    ['that has expired', { exp: seconds() - 600 }],
    ['issued in the future', { iat: seconds() + 600, exp: seconds() + 1_200 }],
    ['with a nonce (an ID token)', { nonce: 'n' }],
    ['without the event', { events: {} }],
    ['with another event', { events: { 'http://example/event': {} } }],
    ['with an event that is no object', { events: { [EVENT]: true } }],
    ['of neither a subject nor a session', { sub: '' }],
    ['with an empty jti', { jti: '' }],
    ['of another type (an access token)', {}, 'at+jwt'],
  ])('refuses a token %s', async (title, wrong, typ) => {
    const cookie = await signedInCookie(title);
    const response = await post(
      await test.provider.logoutToken({ ...right(), sub: title, ...wrong }, typ ? { typ } : {}),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'alive' });
  });

  it.each(['iat', 'exp', 'jti', 'events'])('refuses a token without %s', async (claim) => {
    const claims: JWTPayload = { ...right(), [claim]: undefined };
    expect((await post(await test.provider.logoutToken(claims))).status).toBe(400);
  });

  it('refuses a token that somebody else signed, or nobody', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const claims = { ...right(), events: { [EVENT]: {} } };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'login', typ: 'logout+jwt' })
      .sign(privateKey);
    expect((await post(forged)).status).toBe(400);
    const unsigned = [{ alg: 'none', typ: 'logout+jwt' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    expect((await post(`${unsigned.join('.')}.`)).status).toBe(400);
    const secret = new TextEncoder().encode(test.provider.clientSecret.padEnd(32, '0'));
    const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt' }).sign(secret);
    expect((await post(symmetric)).status).toBe(400);
  });

  it('reads no body but a short form (oversized body, other types)', async () => {
    expect((await post('x'.repeat(100_000))).status).toBe(400);
    const json = await test.app.request(`${ORIGIN}/auth/backchannel-logout`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ logout_token: await test.provider.logoutToken(right()) }),
    });
    expect(json.status).toBe(400);
    expect((await test.app.request(`${ORIGIN}/auth/backchannel-logout`, { method: 'POST' })).status).toBe(400);
  });

  it('takes a token again whose logout could not be stored', async () => {
    const cookie = await signedInCookie('grace');
    const { service } = test.keepalive;
    const { endByProvider } = service;
    service.endByProvider = async () => {
      throw new Error('down');
    };
    const token = await test.provider.logoutToken({ ...right(), sub: 'grace' });
    expect((await post(token)).status).toBe(503);
    service.endByProvider = endByProvider;
    expect((await post(token)).status).toBe(200);
    expect(await service.peek(cookie)).toMatchObject({ kind: 'over', reason: 'revoked' });
  });

  it('says 503 where the store is down: the provider may try again', async () => {
    const down = await startApp();
    down.keepalive.service.rememberOnce = async () => {
      throw new Error('down');
    };
    const claims = { ...right(), iss: down.provider.issuer };
    const body = new URLSearchParams({ logout_token: await down.provider.logoutToken(claims) });
    const response = await down.app.request(`${ORIGIN}/auth/backchannel-logout`, { method: 'POST', body });
    expect(response.status).toBe(503);
    await down.close();
  });
});
