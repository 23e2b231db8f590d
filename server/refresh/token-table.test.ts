import { describe, expect, it } from 'vitest';
import type { TestProvider, TokenFault } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { openSession } from '../record/sealed-session.js';
import { type Due, dueSession, oauth } from '../testing/due-session.js';
import { discoverTestIssuer, HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

const due = (...how: Due) => dueSession(provider, ...how);

const unsigned = (claims: object, alg = 'RS256') =>
  [JSON.stringify({ alg }), JSON.stringify(claims), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('an answer of the token endpoint that ends the session', () => {
  it.each([
    [oauth('invalid_grant'), 'refresh_rejected'],
    // Some providers say it so; no gateway does.
    [oauth('invalid_grant', 401), 'refresh_rejected'],
    [oauth('invalid_grant', 403), 'refresh_rejected'],
    [oauth('invalid_grant', 200), 'refresh_rejected'],
    [oauth('interaction_required'), 'interaction_required'],
    [oauth('login_required'), 'interaction_required'],
    [oauth('consent_required'), 'interaction_required'],
  ])('%j means %s', async (fault, reason) => {
    const { beat, calls } = await due(fault);
    expect(await beat()).toMatchObject({ kind: 'over', reason });
    provider.fault('pass');
    expect(await beat()).toMatchObject({ kind: 'over', reason });
    expect(calls()).toBe(1);
  });

  it('is told from a real revocation', async () => {
    const { beat } = await due('pass');
    provider.revoke();
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });

  it.each([
    ['issuer', { iss: 'https://other.example' }],
    ['audience', { aud: 'other' }],
    ['subject', { sub: 'other' }],
  ])('is an ID token of another %s: the new tokens are revoked', async (_name, claims) => {
    let rotated = '';
    const { beat, service, identity, log } = await due({
      rewrite: (json) => {
        rotated = String(json.refresh_token);
        const right = { iss: identity.issuer, sub: identity.subject, aud: 'app', exp: Date.now() / 1000 + 60 };
        return { ...json, id_token: unsigned({ ...right, ...claims }) };
      },
    });
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'subject_mismatch' });
    expect(log.lines.some(({ level }) => level === 'error')).toBe(true);
    await service.close();
    expect(rotated).not.toBe('');
    expect(await provider.provider.RefreshToken.find(rotated)).toBeUndefined();
  });
});

describe('an answer of the token endpoint that keeps the session', () => {
  it.each([
    [oauth('invalid_client', 401), 'provider_misconfigured'],
    [
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } satisfies TokenFault,
      'provider_misconfigured',
    ],
    [oauth('unauthorized_client'), 'provider_misconfigured'],
    [oauth('invalid_request'), 'provider_misconfigured'],
    [oauth('invalid_scope'), 'provider_misconfigured'],
    [oauth('something_new'), 'provider_error'],
    // API gateways and firewalls say these of themselves (RFC 6749 section 5.2 has 400, and 401 for
    // `invalid_client`).
    [oauth('access_denied'), 'provider_error'],
    [oauth('access_denied', 403), 'provider_error'],
    [oauth('access_denied', 401), 'provider_error'],
    [oauth('access_denied', 200), 'provider_error'],
    [oauth('login_required', 403), 'provider_error'],
    [oauth('interaction_required', 401), 'provider_error'],
    [oauth('consent_required', 404), 'provider_error'],
    [oauth('unauthorized_client', 403), 'provider_error'],
    [{ status: 302, headers: { location: '/elsewhere' } } satisfies TokenFault, 'provider_error'],
    [{ status: 404 } satisfies TokenFault, 'provider_error'],
    [{ status: 400 } satisfies TokenFault, 'provider_error'],
  ])('%j is 503 %s, and the next beat succeeds', async (fault, reason) => {
    const { beat, calls, sessionId, user, log } = await due(fault);
    const verdict = await beat();
    expect(verdict).toMatchObject({
      kind: 'later',
      status: 503,
      reason,
      sessionId,
      user,
      idleExpiresIn: expect.closeTo(1800, -1),
    });
    expect(calls()).toBe(1);
    expect(log.lines.some(({ level }) => level === 'error')).toBe(reason === 'provider_misconfigured');
    provider.fault('pass');
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '40' } } satisfies TokenFault, 40],
    [{ status: 503, headers: { 'retry-after': '20' } } satisfies TokenFault, 20],
    [{ status: 408 } satisfies TokenFault, 5],
    [oauth('invalid_grant', 429), 5],
    [oauth('slow_down'), 5],
    [oauth('temporarily_unavailable'), 5],
  ])('%j closes the provider for all sessions of this process for its Retry-After', async (fault, seconds) => {
    const { beat, calls, pass, service, open } = await due(fault);
    const other = await open();
    const verdict = await beat();
    expect(verdict).toMatchObject({ kind: 'later', reason: 'provider_error' });
    expect(verdict.kind === 'later' && verdict.retryAfter).toBeGreaterThanOrEqual(seconds);
    expect(verdict.kind === 'later' && verdict.retryAfter).toBeLessThanOrEqual(seconds * 1.2 + 1);
    provider.fault('pass');
    expect(await beat()).toMatchObject({ kind: 'later' });
    expect(calls()).toBe(1);
    pass(seconds + 43);
    expect(await service.beat(other.cookie, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('is none at all where the provider cannot be reached, and nothing is replayed', async () => {
    const { beat, options, cookie } = await due('pass');
    await beat();
    const second = await due('pass');
    await second.beat();
    second.pass(60);
    await provider.stop();
    expect(await second.beat()).toMatchObject({ kind: 'later', reason: 'provider_unreachable' });
    expect((await second.options.store.read(storeKeyOf(second.cookie)))?.notes.marker).toBeNull();
    expect((await options.store.read(storeKeyOf(cookie)))?.generation).toBe(2);
    await provider.start();
    expect(await second.beat()).toMatchObject({ kind: 'alive' });
  });

  it.each([
    'drop-before',
    { status: 500 },
    { status: 502 },
    { status: 504 },
    'html',
    { status: 200, body: '{"token_type":"Bearer"}' },
    oauth('invalid_grant', 500),
    oauth('access_denied', 502),
  ] satisfies TokenFault[])('%j is ambiguous: it is asked again by itself', async (fault) => {
    const { beat, calls } = await due(fault, 1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(calls()).toBe(2);
  });

  it('stays ambiguous after three tries: the old token and the marker are kept', async () => {
    const { beat, calls, options, cookie } = await due({ status: 500 });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_error' });
    expect(calls()).toBe(3);
    expect((await options.store.read(storeKeyOf(cookie)))?.notes.marker).toMatchObject({ generation: 1, attempt: 3 });
    provider.fault('pass');
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('is over for other processes too if the provider is closed before it is asked again', async () => {
    const timings = { replayPausesMs: [1_500], renewMs: 500, pollMs: 10 };
    const { service, open, pass, options } = serviceAt(provider, { timings });
    const [one, two] = [await open(), await open()];
    pass(43);
    const before = provider.calls().refresh;
    provider.fault({ status: 500 }, 1);
    const beat = service.beat(one.cookie, HERE);
    await expect.poll(() => provider.calls().refresh).toBe(before + 1);
    provider.fault({ status: 429, headers: { 'retry-after': '60' } }, 1);
    expect(await service.beat(two.cookie, HERE)).toMatchObject({ kind: 'later', reason: 'provider_error' });
    expect(await beat).toMatchObject({ kind: 'later', reason: 'provider_error' });
    const other = serviceAt(provider, options);
    expect(await other.service.beat(one.cookie, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it.each<[string, string]>([
    ['a name that nobody has', 'https://no-such-host.invalid/token'],
    ['a server that speaks no TLS', 'tls'],
  ])('is none at all for %s: the marker is cleared and nothing is replayed', async (_name, address) => {
    const token_endpoint = address === 'tls' ? `${provider.issuer.replace('http:', 'https:')}/token` : address;
    let astray = false;
    const issuer = async () => {
      const known = await discoverTestIssuer(provider.issuer);
      return astray ? { ...known, server: { ...known.server, token_endpoint } } : known;
    };
    const { beat, calls, options, cookie } = await due('pass', undefined, { issuer });
    astray = true;
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_unreachable' });
    expect(calls()).toBe(0);
    expect((await options.store.read(storeKeyOf(cookie)))?.notes).toMatchObject({ marker: null, attempt: 1 });
    astray = false;
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('is asked again by the next process where the metadata could not be had', async () => {
    let known = true;
    const issuer = async () => {
      if (!known) throw new TypeError('no such provider');
      return discoverTestIssuer(provider.issuer);
    };
    const { beat, calls } = await due('pass', undefined, { issuer });
    known = false;
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_unreachable' });
    known = true;
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(calls()).toBe(1);
  });

  it('may be of any length: no more than 1 MiB of it is read', async () => {
    const { beat, calls, log } = await due({ status: 200, body: `{"x":"${'x'.repeat(20_000_000)}"}` }, 1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(calls()).toBe(2);
    expect(log.text()).toContain('ANSWER_TOO_LONG');
  });

  it('may lack a refresh token: the old one is kept', async () => {
    const { beat, pass, service, cookie, options, tokens } = await due(
      { rewrite: ({ refresh_token: _gone, ...json }) => json },
      1,
    );
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    const key = storeKeyOf(cookie);
    const sealed = (await options.store.readSealed(key)) ?? '';
    expect((await openSession(options.keys, key, sealed))?.tokens.refreshToken).toBe(tokens.refreshToken);
    expect((await options.store.read(key))?.facts.hasRefreshToken).toBe(true);
    pass(10);
    expect(await service.access(cookie)).toMatchObject({ kind: 'access' });
  });

  it.each([
    ['expired', (sub: string, iss: string) => unsigned({ iss, sub, aud: 'app', exp: 1 })],
    ['encrypted', () => 'a.b.c.d.e'],
    [
      'otherwise signed',
      (sub: string, iss: string) => unsigned({ iss, sub, aud: 'app', exp: Date.now() / 1000 + 60 }, 'ES512'),
    ],
  ])('may carry an %s ID token, which is ignored and logged', async (_name, make) => {
    const { beat, identity, log, service, cookie, tokens } = await due({
      rewrite: (json) => ({ ...json, id_token: make(identity.subject, identity.issuer) }),
    });
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(log.text()).toContain('ID token was ignored');
    const access = await service.access(cookie);
    expect(access.kind === 'access' && access.access.idToken).toBe(tokens.idToken);
  });

  it('may say that the access token lives for ever', async () => {
    const { beat } = await due({ rewrite: (json) => ({ ...json, expires_in: 2 ** 63 }) }, 1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true, accessTokenExpiresIn: null } });
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: false, accessTokenExpiresAt: null } });
  });

  it('commits a new refresh token though the access token is missing', async () => {
    const { beat, pass } = await due({ rewrite: ({ access_token: _gone, ...json }) => json }, 1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { accessTokenExpiresIn: 0 } });
    pass(6);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { accessTokenExpiresIn: expect.closeTo(60, -1) } });
  });
});

it('puts no token, cookie or key into the log', async () => {
  const secrets: string[] = [];
  const faults: TokenFault[] = [oauth('invalid_client', 401), { status: 500 }, 'truncated', 'html', 'drop-after'];
  for (const fault of faults) {
    const { beat, log, cookie, tokens, service } = await due(fault);
    secrets.push(cookie, storeKeyOf(cookie), tokens.accessToken, tokens.refreshToken ?? '', tokens.idToken ?? '');
    await beat();
    await service.close();
    expect(log.lines.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(log.text()).not.toContain(secret);
  }
});
