import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { ASKING, HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

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

it('refreshes also where the platform refuses to keep the work alive', async () => {
  const waitUntil = () => {
    throw new TypeError('Illegal invocation');
  };
  const { service, open, pass, log } = serviceAt(provider, { waitUntil });
  const { cookie } = await open();
  pass(43);
  // Nobody awaits the refresh beside: its failure would end the process.
  expect(await service.access(cookie)).toMatchObject({ kind: 'access' });
  expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive' });
  await service.close();
  expect(log.text()).toContain('waitUntil');
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

it('signs in again when the store is back that could not even say how users are named', async () => {
  const { service, open, options } = serviceAt(provider);
  const { keepOnce } = options.store;
  options.store.keepOnce = () => Promise.reject(new Error('disk on fire'));
  await expect(open()).rejects.toThrow();
  options.store.keepOnce = keepOnce;
  const { cookie } = await open();
  expect(await service.peek(cookie)).toMatchObject({ kind: 'alive' });
});

it('says store_unavailable and never 401 where the store fails', async () => {
  const { service, open, options } = serviceAt(provider);
  const { cookie } = await open();
  const burn = () => Promise.reject(new Error('disk on fire'));
  Object.assign(options.store, { read: burn, readAndTouch: burn });
  const later = { kind: 'later', status: 503, reason: 'store_unavailable' };
  expect(await service.beat(cookie, HERE)).toMatchObject(later);
  expect(await service.peek(cookie)).toMatchObject(later);
  expect(await service.access(cookie)).toMatchObject(later);
});

it('names the option that is wrong', () => {
  expect(() => serviceAt(provider, { idleTimeout: 0 })).toThrow(/"idleTimeout"/);
  expect(() => serviceAt(provider, { refreshTokenIdle: -1 })).toThrow(/"refreshTokenIdle"/);
});
