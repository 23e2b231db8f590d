import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../testing/provider.js';
import { ASKING, HERE, serviceAt } from '../testing/service-bench.js';
import { storeKeyOf } from './handles.js';
import { createKeyRing, type KeyRing } from './key-ring.js';

let provider: TestProvider;
beforeAll(async () => {
  provider = await startProvider({ ttl: { accessToken: 60 } });
});
afterEach(() => provider.fault('pass'));
afterAll(() => provider.close());

describe('a beat', () => {
  it('is answered without the provider while the grant is young, with what is left of the session', async () => {
    const { service, open } = serviceAt(provider);
    const { cookie, sessionId, user } = await open();
    const before = provider.calls().refresh;
    const verdict = await service.beat(cookie, HERE);
    expect(verdict).toMatchObject({
      kind: 'alive',
      body: {
        idleTimeout: 1800,
        absoluteTimeout: 28800,
        idleExpiresIn: expect.closeTo(1800, -1),
        sessionId,
        user,
        refreshed: false,
      },
    });
    expect(provider.calls().refresh).toBe(before);
    expect(sessionId).not.toBe(cookie);
  });

  it('refreshes once the token is due, and then answers without the provider again', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie } = await open();
    const before = provider.calls().refresh;
    pass(43);
    expect(await service.beat(cookie, HERE)).toMatchObject({
      kind: 'alive',
      body: { refreshed: true, accessTokenExpiresIn: expect.closeTo(60, -1) },
    });
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: false } });
    expect(provider.calls().refresh).toBe(before + 1);
  });

  it('refreshes a token that lives long when the refresh token was not used for refreshAfter', async () => {
    const { service, open, pass } = serviceAt(provider, { refreshAfter: 10 });
    const { cookie } = await open();
    pass(9);
    expect(await service.beat(cookie, HERE)).toMatchObject({ body: { refreshed: false } });
    pass(2);
    expect(await service.beat(cookie, HERE)).toMatchObject({ body: { refreshed: true } });
  });

  it('makes one token call for thirty at once, and all are told that the session lives', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie } = await open();
    const before = provider.calls().refresh;
    pass(43);
    const verdicts = await Promise.all(Array.from({ length: 30 }, () => service.beat(cookie, HERE)));
    expect(verdicts.map(({ kind }) => kind)).toEqual(Array(30).fill('alive'));
    expect(provider.calls().refresh).toBe(before + 1);
  });

  it('says no_session, unreadable_cookie and names the session it judged', async () => {
    const { service } = serviceAt(provider);
    expect(await service.beat(null, HERE)).toEqual({ kind: 'over', reason: 'no_session', sessionId: null, user: null });
    expect(await service.beat('nonsense', HERE)).toMatchObject({ kind: 'over', reason: 'unreadable_cookie' });
    const verdict = await service.beat('A'.repeat(43), HERE);
    expect(verdict).toMatchObject({ kind: 'over', reason: 'no_session' });
    expect(verdict.kind === 'over' && verdict.sessionId).toMatch(/^[\w-]{22}$/);
  });
});

describe('the limits', () => {
  it('end a session in which nobody was active, and tell so for ever after without asking the provider', async () => {
    const { service, open, pass } = serviceAt(provider, { idleTimeout: 100 });
    const { cookie, sessionId, user } = await open();
    pass(60);
    await service.beat(cookie, ASKING);
    pass(46);
    const before = provider.calls().refresh;
    const over = { kind: 'over', reason: 'idle_timeout', sessionId, user };
    expect(await service.peek(cookie)).toEqual(over);
    expect(await service.beat(cookie, HERE)).toEqual(over);
    expect(await service.access(cookie)).toEqual(over);
    expect(provider.calls().refresh).toBe(before);
  });

  it('count from when the user was active, not from when the beat came', async () => {
    const { service, open, pass } = serviceAt(provider, { idleTimeout: 100 });
    const { cookie } = await open();
    pass(90);
    expect(await service.beat(cookie, { activity: 'user', idleMs: 30_000 })).toMatchObject({
      body: { idleExpiresIn: expect.closeTo(70, -1) },
    });
  });

  it('end a session at its absolute end, whatever anybody does', async () => {
    const { service, open, pass } = serviceAt(provider, { absoluteTimeout: 100 });
    const { cookie } = await open();
    pass(90);
    expect(await service.beat(cookie, HERE)).toMatchObject({
      kind: 'alive',
      body: { absoluteExpiresIn: expect.closeTo(10, -1) },
    });
    pass(10);
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
  });

  it('end a session without a refresh token with its access token', async () => {
    const { service, pass, log } = serviceAt(provider);
    const { identity, tokens } = await provider.signIn();
    const created = await service.create({ identity, tokens: { ...tokens, refreshToken: null } });
    const cookie = created.ok ? created.cookie : '';
    expect(log.text()).toContain('no refresh token');
    pass(59);
    // The end is announced: pages warn of it, and ask when it has come.
    const last = { refreshed: false, absoluteExpiresIn: 1 };
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive', body: last });
    pass(1);
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'over', reason: 'no_refresh_token' });
  });

  it('refuse a beat above the rate, and let everybody through where the limiter fails', async () => {
    let wait = 7;
    const take = async () => (wait > 0 ? wait : Promise.reject(new Error('down')));
    const { service, open, log } = serviceAt(provider, { rateLimiter: { take } });
    const { cookie, sessionId } = await open();
    const refused = await service.beat(cookie, HERE);
    expect(refused).toMatchObject({ kind: 'later', status: 429, reason: 'rate_limited', sessionId });
    // It would say that the activity was recorded.
    expect(refused).not.toHaveProperty('idleExpiresIn');
    expect(refused.kind === 'later' && refused.retryAfter).toBeGreaterThanOrEqual(7);
    wait = 0;
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive' });
    expect(log.text()).toContain('the rate limiter failed');
  });
});

describe('access', () => {
  it('hands out a due token at once and refreshes beside it, and never moves the idle limit', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie, tokens, identity } = await open();
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    pass(50);
    const due = await service.access(cookie);
    expect(due).toMatchObject({
      kind: 'access',
      access: { accessToken: tokens.accessToken, subject: identity.subject },
    });
    letThrough();
    pass(15);
    const fresh = await service.access(cookie);
    expect(fresh.kind === 'access' && fresh.access.accessToken).not.toBe(tokens.accessToken);
    expect(await service.peek(cookie)).toMatchObject({ body: { idleExpiresIn: expect.closeTo(1735, -1) } });
  });
});

/** What the provider says to a session's refresh token, asked without the service. */
async function refreshAtProvider({ refreshToken }: { refreshToken: string | null }): Promise<object> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' });
  const headers = { authorization: `Basic ${Buffer.from('app:secret').toString('base64')}` };
  const response = await fetch(`${provider.issuer}/token`, { method: 'POST', headers, body });
  return (await response.json()) as object;
}

describe('the end of a session', () => {
  it('is durable, revokes the refresh token and hands out the ID token for logout', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie, sessionId, user, tokens } = await open();
    expect(await service.end(cookie, 'revoked')).toEqual({ idToken: tokens.idToken, sessionId, user });
    expect(await service.end(cookie, 'revoked')).toBeNull();
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'over', reason: 'revoked', sessionId });
    pass(1);
    await service.close();
    expect(await refreshAtProvider(tokens)).toMatchObject({ error: 'invalid_grant' });
  });

  it('comes from the provider for a session of its own, and for logins that were under way', async () => {
    const { service, open } = serviceAt(provider);
    const first = await open();
    const second = await open();
    const { issuer, subject } = first.identity;
    const login = { identity: { ...first.identity, providerSessionId: 'sid-1' }, tokens: first.tokens };
    const third = await service.create(login);
    const bySid = { issuer, subject: null, providerSessionId: 'sid-1', issuedAt: Date.now() };
    expect(await service.endByProvider(bySid)).toBe(1);
    expect(await service.beat(third.ok ? third.cookie : '', HERE)).toMatchObject({ reason: 'revoked' });
    expect(await service.create(login)).toEqual({ ok: false, reason: 'revoked' });
    expect(await service.endByProvider({ issuer, subject, providerSessionId: null, issuedAt: Date.now() })).toBe(1);
    expect(await service.beat(first.cookie, HERE)).toMatchObject({ reason: 'revoked' });
    expect(await service.beat(second.cookie, HERE)).toMatchObject({ kind: 'alive' });
    expect(await service.create({ identity: first.identity, tokens: first.tokens })).toMatchObject({ ok: false });
    expect(await service.rememberOnce('jti', Date.now() + 1_000)).toBe(true);
    expect(await service.rememberOnce('jti', Date.now() + 1_000)).toBe(false);
  });

  it('comes from the provider only for sessions from before it, and stores none that it had ended already', async () => {
    const { service, open, options } = serviceAt(provider);
    const { cookie, identity, tokens } = await open();
    const { issuer, subject } = identity;
    const earlier = { issuer, subject, providerSessionId: null, issuedAt: Date.now() - 10_000 };
    expect(await service.endByProvider(earlier)).toBe(0);
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive' });
    expect(await service.create({ identity, tokens })).toMatchObject({ ok: true });
    await service.endByProvider({ ...earlier, issuedAt: Date.now() + 1_000 });
    let created = 0;
    const { create } = options.store;
    options.store.create = async (input) => {
      created += 1;
      return create(input);
    };
    expect(await service.create({ identity, tokens })).toEqual({ ok: false, reason: 'revoked' });
    expect(created).toBe(0);
  });

  it('that comes from the provider while a login is being stored reaches it', async () => {
    const { service, open, options } = serviceAt(provider);
    const { identity, tokens } = await open();
    const { issuer, subject } = identity;
    const { create } = options.store;
    options.store.create = async (input) => {
      await service.endByProvider({ issuer, subject, providerSessionId: null, issuedAt: Date.now() + 1_000 });
      return create(input);
    };
    expect(await service.create({ identity, tokens })).toEqual({ ok: false, reason: 'revoked' });
  });

  it('by logout while a grant is under way wins over the grant, whose new token is revoked', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie } = await open();
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    const before = provider.calls().refresh;
    pass(43);
    const beat = service.beat(cookie, HERE);
    await expect.poll(() => provider.calls().refresh).toBe(before + 1);
    await service.end(cookie, 'revoked');
    letThrough();
    expect(await beat).toMatchObject({ kind: 'over', reason: 'revoked' });
  });
});

describe('what the store holds', () => {
  it('is opened by no beat that needs no grant', async () => {
    const opened: string[] = [];
    const ring = createKeyRing([randomBytes(32).toString('base64url')]);
    const keys: KeyRing = {
      seal: ring.seal,
      open(context, sealed) {
        opened.push(context);
        return ring.open(context, sealed);
      },
    };
    const { service, open, pass } = serviceAt(provider, { keys });
    const { cookie } = await open();
    await service.beat(cookie, HERE);
    await service.peek(cookie);
    expect(opened).toEqual([]);
    pass(43);
    expect(await service.beat(cookie, HERE)).toMatchObject({ body: { refreshed: true } });
    expect(opened).toHaveLength(1);
  });

  it('moves with activity in small steps, and ends when it was announced', async () => {
    let clock = Date.now();
    const { service, open, options } = serviceAt(provider, { idleTimeout: 200, refreshAfter: 1000, now: () => clock });
    const written: number[] = [];
    const { touch } = options.store;
    options.store.touch = async (key, at) => {
      written.push(at);
      return touch(key, at);
    };
    const { cookie } = await open();
    clock += 400;
    await service.beat(cookie, HERE);
    expect(written).toEqual([]);
    clock += 200;
    expect(await service.beat(cookie, HERE)).toMatchObject({ body: { idleExpiresIn: 201 } });
    expect(written).toEqual([clock]);
    clock += 200_499;
    expect(await service.peek(cookie)).toMatchObject({ kind: 'alive', body: { idleExpiresIn: 1 } });
    clock += 1;
    expect(await service.peek(cookie)).toMatchObject({ kind: 'over', reason: 'idle_timeout' });
  });

  it('leaves a grant that another session may share, where nobody ended it but its own limit', async () => {
    const { service, open, pass } = serviceAt(provider, { idleTimeout: 100, refreshAfter: 500 });
    const { cookie, tokens } = await open();
    pass(101);
    expect(await service.beat(cookie, ASKING)).toMatchObject({ kind: 'over', reason: 'idle_timeout' });
    await service.close();
    expect(await refreshAtProvider(tokens)).toHaveProperty('access_token');
  });

  it('cannot prolong a session beyond what was sealed', async () => {
    const { service, open, pass, options } = serviceAt(provider, { absoluteTimeout: 100, refreshAfter: 5 });
    const tampered = async () => {
      const { cookie } = await open();
      const key = storeKeyOf(cookie);
      const record = await options.store.read(key);
      const sealed = await options.store.readSealed(key);
      if (!record || !sealed) throw new Error('the session is gone');
      const facts = { ...record.facts, absoluteEndAt: record.facts.absoluteEndAt + 1_000_000 };
      await options.store.commit(key, 1, { facts, sealed });
      return cookie;
    };
    const [beating, calling] = [await tampered(), await tampered()];
    pass(101);
    const before = provider.calls().refresh;
    expect(await service.beat(beating, HERE)).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
    expect(await service.access(calling)).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
    expect(provider.calls().refresh).toBe(before);
  });

  it('knows the cookie by its hash only, and swapped rows open nothing', async () => {
    const { service, open, pass, options } = serviceAt(provider);
    const [one, other] = [await open(), await open()];
    expect(await options.store.read(one.cookie)).toBeNull();
    const key = storeKeyOf(one.cookie);
    const [record, sealed] = [await options.store.read(key), await options.store.readSealed(storeKeyOf(other.cookie))];
    if (!record || !sealed) throw new Error('the session is gone');
    for (const secret of [one.cookie, one.tokens.accessToken, one.tokens.refreshToken, one.identity.subject])
      expect(JSON.stringify([record, sealed])).not.toContain(secret);
    await options.store.commit(key, 1, { facts: record.facts, sealed });
    expect(await service.access(one.cookie)).toMatchObject({ kind: 'over', reason: 'unreadable_cookie' });
    pass(43);
    expect(await service.beat(one.cookie, HERE)).toMatchObject({ kind: 'over', reason: 'unreadable_cookie' });
  });

  it('names a user alike in all their sessions, and nobody else so, here or at another provider', async () => {
    const { service, open } = serviceAt(provider);
    const [one, again, other] = [await open('ada'), await open('ada'), await open('grace')];
    expect(again.user).toBe(one.user);
    expect(again.sessionId).not.toBe(one.sessionId);
    expect(other.user).not.toBe(one.user);
    const { tokens, identity } = one;
    const elsewhere = await service.create({ tokens, identity: { ...identity, issuer: 'https://other.example' } });
    expect(elsewhere).toMatchObject({ ok: true });
    expect(elsewhere.ok && elsewhere.user).not.toBe(one.user);
    const { user } = await serviceAt(provider).open('ada');
    expect(user).not.toBe(one.user);
  });
});

it('closes the store only when everybody who waits is answered', async () => {
  const { service, open, pass, options } = serviceAt(provider);
  const { cookie } = await open();
  const { read, close } = options.store;
  let closed = false;
  options.store.close = async () => {
    closed = true;
    await close();
  };
  // As slow as a store over a network.
  options.store.read = async (key) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (closed) throw new Error('the store is closed');
    return read(key);
  };
  let letThrough = () => {};
  provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
  const before = provider.calls().refresh;
  pass(43);
  const beats = [service.beat(cookie, HERE), service.beat(cookie, HERE)];
  await expect.poll(() => provider.calls().refresh).toBe(before + 1);
  const closing = service.close();
  letThrough();
  expect(await Promise.all(beats)).toMatchObject([{ kind: 'alive' }, { kind: 'alive' }]);
  await closing;
  expect(closed).toBe(true);
});

it('says store_unavailable and never 401 where the store fails', async () => {
  const { service, open, options } = serviceAt(provider);
  const { cookie } = await open();
  options.store.read = () => Promise.reject(new Error('disk on fire'));
  const later = { kind: 'later', status: 503, reason: 'store_unavailable' };
  expect(await service.beat(cookie, HERE)).toMatchObject(later);
  expect(await service.peek(cookie)).toMatchObject(later);
  expect(await service.access(cookie)).toMatchObject(later);
});

it('names the option that is wrong', () => {
  expect(() => serviceAt(provider, { idleTimeout: 0 })).toThrow(/"idleTimeout"/);
  expect(() => serviceAt(provider, { refreshTokenIdle: -1 })).toThrow(/"refreshTokenIdle"/);
});
