import { randomUUID } from 'node:crypto';
import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, ORIGIN, startApp } from '../testing/app/app-under-test.js';

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

/**
 * Why tokens were refused since the log was emptied: each is one line, which names nothing of the
 * token.
 */
function refusals(): unknown[] {
  expect(test.log.join('\n')).not.toMatch(/eyJ/);
  for (const line of test.log) expect(line.length).toBeLessThan(200);
  return test.log.map((line) => {
    const { event, ...refusal } = JSON.parse(line.slice(line.indexOf('{')));
    expect(event).toBe('backchannel.refuse');
    return refusal;
  });
}

/**
 * Signs in a new user `name`: a logout also ends what begins within its second, which would be the
 * next test's session.
 */
async function signedInCookie(name: string): Promise<string> {
  test.provider.nextAccount(name);
  const browser = test.browser();
  await test.signIn(browser);
  return browser.cookies().get('stillhere') ?? '';
}

/** A session of a provider that names its own sessions (`sid`). */
async function storedCookie(subject: string, providerSessionId: string): Promise<string> {
  const created = await test.keepalive.service.create({
    identity: { issuer: test.provider.issuer, subject, providerSessionId },
    tokens: {
      ...{ accessToken: 'a', accessTokenExpiresIn: 300, refreshToken: null, refreshExpiresIn: null },
      ...{ idToken: null, scope: null },
    },
  });
  return created.ok ? created.cookie : '';
}

describe('backchannel-logout', () => {
  it.each(['logout+jwt', 'JWT'])('ends the sessions of a user (typ %s)', async (typ) => {
    const cookie = await signedInCookie(typ);
    const response = await post(await test.provider.logoutToken({ ...right(), sub: typ }, { typ }));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'over', reason: 'revoked' });
  });

  it('takes a token without exp for two minutes from its iat (Keycloak up to 23.0.3, authentik, Hydra)', async () => {
    const cookie = await signedInCookie('no exp');
    const claims = (more: Record<string, unknown>): JWTPayload => ({ ...right(), sub: 'no exp', ...more });
    const older = await test.provider.logoutToken(claims({ exp: undefined, iat: seconds() - 100 }));
    expect((await post(older)).status).toBe(200);
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'alive' });
    expect((await post(await test.provider.logoutToken(claims({ exp: undefined })))).status).toBe(200);
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'over', reason: 'revoked' });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['a session of its own alone', { sub: undefined, sid: 'one' }, ['over', 'alive']],
    ['a session of its own beside the user', { sid: 'one' }, ['over', 'alive']],
    ['a session that nobody has here', { sid: 'three' }, ['alive', 'alive']],
    ['a user alone', {}, ['over', 'over']],
  ])('ends what the token names: %s', async (_, claims, kinds) => {
    const sub = randomUUID();
    const mine = (sid: unknown) => (typeof sid === 'string' ? `${sub} ${sid}` : undefined);
    const cookies = await Promise.all(['one', 'two'].map((sid) => storedCookie(sub, mine(sid) ?? '')));
    const token = await test.provider.logoutToken({ ...right(), sub, ...claims, sid: mine(claims.sid) });
    expect((await post(token)).status).toBe(200);
    const now = await Promise.all(cookies.map((cookie) => test.keepalive.service.peek(cookie)));
    expect(now.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('takes a token for several audiences if the application is one of them', async () => {
    const cookie = await storedCookie('aud', 'aud');
    const answer = async (aud: string[]) =>
      (await post(await test.provider.logoutToken({ ...right(), sub: 'aud', aud }))).status;
    test.log.length = 0;
    expect(await answer(['another', 'third'])).toBe(400);
    expect(refusals()).toEqual([{ reason: 'wrong_audience' }]);
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'alive' });
    expect(await answer(['another', test.provider.clientId])).toBe(200);
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'over' });
  });

  it.each<[string, Record<string, unknown>, object, string?]>([
    ['of another issuer', { iss: 'https://evil.example' }, { reason: 'wrong_issuer' }],
    ['for another client', { aud: 'another' }, { reason: 'wrong_audience' }],
    ['that has expired', { exp: seconds() - 600 }, { reason: 'expired', seconds: expect.closeTo(600, -2) }],
    [
      'without exp, from an hour ago',
      { exp: undefined, iat: seconds() - 3_600 },
      { reason: 'expired', seconds: expect.closeTo(3_480, -2) },
    ],
    [
      'issued in the future',
      { iat: seconds() + 600, exp: seconds() + 1_200 },
      { reason: 'issued_in_the_future', seconds: expect.closeTo(600, -2) },
    ],
    ['that is not valid yet', { nbf: seconds() + 600 }, { reason: 'wrong_claim', claim: 'nbf' }],
    ['with a nonce (an ID token)', { nonce: 'n' }, { reason: 'no_logout_token' }],
    ['without the event', { events: {} }, { reason: 'no_logout_token' }],
    ['with another event', { events: { 'http://example/event': {} } }, { reason: 'no_logout_token' }],
    ['with an event that is no object', { events: { [EVENT]: true } }, { reason: 'no_logout_token' }],
    ['of neither a subject nor a session', { sub: '' }, { reason: 'no_logout_token' }],
    ['with an empty jti', { jti: '' }, { reason: 'no_logout_token' }],
    ['of another type (an access token)', {}, { reason: 'wrong_type' }, 'at+jwt'],
    ['without iat', { iat: undefined }, { reason: 'missing_claim', claim: 'iat' }],
    ['without jti', { jti: undefined }, { reason: 'missing_claim', claim: 'jti' }],
    ['without events', { events: undefined }, { reason: 'missing_claim', claim: 'events' }],
  ])('refuses a token %s, and one warning says why', async (title, wrong, refusal, typ) => {
    const cookie = await signedInCookie(title);
    test.log.length = 0;
    const claims: JWTPayload = { ...right(), sub: title, ...wrong };
    const token = await test.provider.logoutToken(claims, typ ? { typ } : {});
    const response = await post(token);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    expect(refusals()).toEqual([refusal]);
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'alive' });
  });

  it('refuses a token that somebody else signed, or nobody', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const claims = { ...right(), events: { [EVENT]: {} } };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'login', typ: 'logout+jwt' })
      .sign(privateKey);
    test.log.length = 0;
    expect((await post(forged)).status).toBe(400);
    const unsigned = [{ alg: 'none', typ: 'logout+jwt' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    expect((await post(`${unsigned.join('.')}.`)).status).toBe(400);
    const secret = new TextEncoder().encode(test.provider.clientSecret.padEnd(32, '0'));
    const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt' }).sign(secret);
    expect((await post(symmetric)).status).toBe(400);
    const unknown = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'x'.repeat(5_000), typ: 'logout+jwt' })
      .sign(privateKey);
    expect((await post(unknown)).status).toBe(400);
    const reasons = ['bad_signature', 'unsupported_algorithm', 'unsupported_algorithm', 'unknown_key'];
    expect(refusals()).toEqual(reasons.map((reason) => ({ reason })));
  });

  it('reads no body but a short form (oversized body, other types)', async () => {
    test.log.length = 0;
    expect((await post('x'.repeat(100_000))).status).toBe(400);
    expect((await post('x'.repeat(1_000))).status).toBe(400);
    const json = await test.app.request(`${ORIGIN}/auth/backchannel-logout`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ logout_token: await test.provider.logoutToken(right()) }),
    });
    expect(json.status).toBe(400);
    expect((await test.app.request(`${ORIGIN}/auth/backchannel-logout`, { method: 'POST' })).status).toBe(400);
    const reasons = ['bad_request', 'malformed_token', 'bad_request', 'bad_request'];
    expect(refusals()).toEqual(reasons.map((reason) => ({ reason })));
  });

  it('says 503 if the keys of the provider cannot be read: it may try again', async () => {
    const metadata: Record<string, unknown> = {};
    const own = await startApp({ metadata });
    metadata.jwks_uri = `${own.provider.issuer}/.well-known/openid-configuration`;
    const token = await own.provider.logoutToken({ ...right(), iss: own.provider.issuer });
    const body = new URLSearchParams({ logout_token: token });
    const response = await own.app.request(`${ORIGIN}/auth/backchannel-logout`, { method: 'POST', body });
    expect(response.status).toBe(503);
    expect(own.log.filter((line) => line.startsWith('back-channel logout: cannot be carried out now'))).toHaveLength(1);
    await own.close();
  });
});
