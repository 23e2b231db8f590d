import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider, type TokenFault } from '../testing/provider.js';
import { discoverTestIssuer, HERE, serviceAt } from '../testing/service-bench.js';
import { storeKeyOf } from './handles.js';
import { newHolder } from './holder.js';
import { memoryStore } from './memory-store.js';
import { openSession } from './sealed-session.js';
import { NO_NOTES } from './store.js';

let provider: TestProvider;
beforeAll(async () => {
  provider = await startProvider({ ttl: { accessToken: 60 } });
});
afterEach(() => provider.fault('pass'));
afterAll(() => provider.close());

/** A session whose token is due, at a provider that will fail. */
async function due(fault: TokenFault, times?: number, more: Parameters<typeof serviceAt>[1] = {}) {
  const bench = serviceAt(provider, more);
  const session = await bench.open();
  bench.pass(43);
  provider.fault(fault, times);
  const before = provider.calls().refresh;
  return {
    ...bench,
    ...session,
    beat: () => bench.service.beat(session.cookie, HERE),
    calls: () => provider.calls().refresh - before,
  };
}

const oauth = (error: string, status = 400): TokenFault => ({ status, body: JSON.stringify({ error }) });
const unsigned = (claims: object, alg = 'RS256') =>
  [JSON.stringify({ alg }), JSON.stringify(claims), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('an answer of the token endpoint that ends the session', () => {
  it.each([
    [oauth('invalid_grant'), 'refresh_rejected'],
    [oauth('invalid_grant', 401), 'refresh_rejected'],
    [oauth('interaction_required'), 'interaction_required'],
    [oauth('login_required'), 'interaction_required'],
    [oauth('consent_required'), 'interaction_required'],
    [oauth('access_denied', 403), 'interaction_required'],
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

  it('is awaited no longer than the time-out', async () => {
    const { beat, calls } = await due('hang', Number.POSITIVE_INFINITY, { tokenTimeout: 0.1 });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_timeout' });
    expect(calls()).toBe(3);
  });

  it('answers a request that loses patience with busy, and stores the grant all the same', async () => {
    let letThrough = () => {};
    const hold = new Promise<void>((resolve) => (letThrough = resolve));
    const { beat, calls, options, cookie } = await due({ hold }, 1, { waitTimeout: 0.1 });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    letThrough();
    await expect.poll(async () => (await options.store.read(storeKeyOf(cookie)))?.generation).toBe(2);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: false } });
    expect(calls()).toBe(1);
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

  it('commits a new refresh token though the access token is missing', async () => {
    const { beat, pass } = await due({ rewrite: ({ access_token: _gone, ...json }) => json }, 1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { accessTokenExpiresIn: 0 } });
    pass(6);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { accessTokenExpiresIn: expect.closeTo(60, -1) } });
  });
});

describe('a refusal without an OAuth error', () => {
  it('ends the session after three in a row over a minute, while the provider otherwise answers', async () => {
    const { beat, pass } = await due({ status: 400 });
    for (let n = 0; n < 3; n += 1) expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_error' });
    pass(61);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });
});

describe('a refusal without an OAuth error that does not end the session', () => {
  const refused: TokenFault = { status: 400 };
  const later = { kind: 'later', reason: 'provider_error' };

  it('is a third one within the minute', async () => {
    const { beat, pass, calls } = await due(refused);
    for (let n = 0; n < 2; n += 1) expect(await beat()).toMatchObject(later);
    pass(58);
    expect(await beat()).toMatchObject(later);
    expect(calls()).toBe(3);
  });

  it('is a second one after the minute', async () => {
    const { beat, pass } = await due(refused);
    expect(await beat()).toMatchObject(later);
    pass(61);
    expect(await beat()).toMatchObject(later);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });

  it('is one after another kind of answer: the row begins anew', async () => {
    const { beat, pass } = await due(refused);
    for (let n = 0; n < 2; n += 1) expect(await beat()).toMatchObject(later);
    provider.fault(oauth('something_new'));
    pass(61);
    expect(await beat()).toMatchObject(later);
    provider.fault(refused);
    expect(await beat()).toMatchObject(later);
  });

  it('is one of a provider that answers nobody: a proxy may be in its place', async () => {
    let away = false;
    const issuer = async () => {
      const known = await discoverTestIssuer(provider.issuer);
      // Its token endpoint is answered for, its metadata is not.
      return away ? { ...known, server: { ...known.server, issuer: 'http://127.0.0.1:9' } } : known;
    };
    const { beat, pass } = await due(refused, undefined, { issuer });
    away = true;
    for (let n = 0; n < 3; n += 1) expect(await beat()).toMatchObject(later);
    pass(61);
    expect(await beat()).toMatchObject(later);
    away = false;
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });
});

describe('a grant that the store does not take at once', () => {
  it('is stored when the store is back: the rotated token exists nowhere else', async () => {
    const store = memoryStore();
    const { commit } = store;
    let failures = 2;
    store.commit = async (...grant) => {
      failures -= 1;
      if (failures >= 0) throw new Error('disk full');
      return commit(...grant);
    };
    const { beat, calls } = await due('pass', undefined, { store });
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(failures).toBe(-1);
    expect(calls()).toBe(1);
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: false } });
  });

  it('and whose session ended meanwhile has its new token revoked', async () => {
    const store = memoryStore();
    let rotated = '';
    let cookie = '';
    const { beat, service, ...bench } = await due(
      {
        rewrite: (json) => {
          rotated = String(json.refresh_token);
          // Another process ends it, and has only the old token to revoke: this one's is its own business.
          void store.end(storeKeyOf(cookie), 'idle_timeout');
          return json;
        },
      },
      1,
      { store },
    );
    cookie = bench.cookie;
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'idle_timeout' });
    await service.close();
    expect(rotated).not.toBe('');
    expect(await provider.provider.RefreshToken.find(rotated)).toBeUndefined();
  });
});

describe('a lease', () => {
  /** A session whose lease another takes away while the provider's metadata are asked for, for `stallMs`. */
  async function stalled(stallMs: number) {
    const store = memoryStore();
    let key = '';
    const issuer = async () => {
      if (key) {
        const until = Number.MAX_SAFE_INTEGER;
        await store.acquire({ key, holder: 'elsewhere.1.1.x', now: until - 1, until });
        await new Promise((resolve) => setTimeout(resolve, stallMs));
      }
      return discoverTestIssuer(provider.issuer);
    };
    const timings = { leaseMs: 600, renewMs: 60_000, pollMs: 10 };
    const bench = await due('pass', undefined, { store, issuer, timings, waitTimeout: 1 });
    key = storeKeyOf(bench.cookie);
    return bench;
  }

  it('that was lost in a stall sends nothing: its new holder does', async () => {
    const { beat, calls } = await stalled(250);
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(calls()).toBe(0);
  });

  it('is renewed for as long as the provider takes, so that nobody else takes it', async () => {
    const store = memoryStore();
    const timings = { leaseMs: 5_000, renewMs: 50, replayAfterMs: [] };
    let letThrough = () => {};
    const hold = new Promise<void>((resolve) => (letThrough = resolve));
    const { beat, calls, cookie, options } = await due({ hold }, 1, { store, timings });
    const now = options.now ?? Date.now;
    const answer = beat();
    await expect.poll(calls).toBe(1);
    const key = storeKeyOf(cookie);
    const first = (await store.read(key))?.lease?.until ?? 0;
    await expect
      .poll(async () => (await store.read(key))?.lease?.until, { timeout: 10_000 })
      .toBeGreaterThan(first + 200);
    expect(await store.acquire({ key, holder: 'elsewhere.1.1.x', now: now(), until: now() + 1 })).not.toContain(
      'elsewhere',
    );
    letThrough();
    expect(await answer).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect((await store.read(key))?.lease).toBeNull();
  });

  it('of a process that dies while others wait for it is free at once', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(holder, 'spawn');
    const store = memoryStore();
    const { beat, calls, cookie, options } = await due('pass', undefined, { store });
    const name = newHolder(holder.pid);
    await store.acquire({ key: storeKeyOf(cookie), holder: name, now: 0, until: Number.MAX_SAFE_INTEGER });
    let reads = 0;
    const { read } = options.store;
    options.store.read = async (key) => {
      reads += 1;
      return read(key);
    };
    const answer = beat();
    await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThan(5);
    expect(calls()).toBe(0);
    holder.kill('SIGKILL');
    expect(await answer).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('is kept over the pause before a replay, but the slot is not: sixteen that wait keep no other session waiting', async () => {
    const timings = { replayAfterMs: [60_000], renewMs: 500 };
    const { service, open, pass } = serviceAt(provider, { timings, waitTimeout: 5 });
    const cookies: string[] = [];
    for (let n = 0; n < 17; n += 1) cookies.push((await open()).cookie);
    const last = cookies.pop() ?? '';
    pass(43);
    provider.fault({ status: 500 }, 16);
    const before = provider.calls().refresh;
    const waiting = cookies.map((cookie) => service.beat(cookie, HERE));
    await expect.poll(() => provider.calls().refresh, { timeout: 10_000 }).toBe(before + 16);
    expect(await service.beat(last, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    // A stop cuts the pauses short; the old tokens and their markers stay.
    await service.close();
    expect((await Promise.all(waiting)).every(({ kind }) => kind === 'later')).toBe(true);
  });

  it('is not even asked for where all who waited for a slot have gone', async () => {
    const { service, open, pass } = serviceAt(provider, { waitTimeout: 0.2 });
    const cookies: string[] = [];
    for (let n = 0; n < 18; n += 1) cookies.push((await open()).cookie);
    const [last = '', gone = ''] = [cookies.pop(), cookies.pop()];
    pass(43);
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 16);
    const before = provider.calls().refresh;
    for (const cookie of cookies) void service.beat(cookie, HERE);
    await expect.poll(() => provider.calls().refresh, { timeout: 10_000 }).toBe(before + 16);
    expect(await service.beat(gone, HERE)).toMatchObject({ kind: 'later', reason: 'busy' });
    letThrough();
    // Behind the one that was given up in the queue for slots, or free of it: answered either way.
    await expect.poll(async () => (await service.beat(last, HERE)).kind, { timeout: 10_000 }).toBe('alive');
    expect(provider.calls().refresh).toBe(before + 17);
    await service.close();
  });

  it('is given back whatever the answer was', async () => {
    const faults: TokenFault[] = [oauth('something_new'), { status: 429 }, { status: 400 }, { status: 500 }];
    for (const fault of faults) {
      const { beat, options, cookie } = await due(fault);
      expect(await beat()).toMatchObject({ kind: 'later' });
      expect((await options.store.read(storeKeyOf(cookie)))?.lease).toBeNull();
    }
  });

  it('of another process is waited for by reading, and its failure is shared', async () => {
    const store = memoryStore();
    const { beat, calls, cookie, options } = await due('pass', undefined, { store });
    const key = storeKeyOf(cookie);
    const until = Number.MAX_SAFE_INTEGER;
    await store.acquire({ key, holder: 'elsewhere.1.1.x', now: 0, until });
    const acquired: unknown[] = [];
    const { acquire } = options.store;
    options.store.acquire = async (input) => {
      acquired.push(input);
      return acquire(input);
    };
    let reads = 0;
    const { read } = options.store;
    options.store.read = async (name) => {
      reads += 1;
      return read(name);
    };
    const answer = beat();
    await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThan(5);
    expect(acquired).toHaveLength(1);
    await store.note(key, 1, {
      ...NO_NOTES,
      attempt: 1,
      failure: { attempt: 1, reason: 'provider_error', retryAfter: 9 },
    });
    expect(await answer).toMatchObject({ kind: 'later', reason: 'provider_error' });
    expect(calls()).toBe(0);
  });
});

describe('invalid_grant', () => {
  it.each(['drop-after', 'truncated', { statusAfter: 500 }] satisfies TokenFault[])(
    'after %j is rotation_lost: the rotated token never arrived',
    async (fault) => {
      const { beat } = await due(fault, 1);
      expect(await beat()).toMatchObject({ kind: 'over', reason: 'rotation_lost' });
    },
  );

  it('is not judged while another holder who may have won is young, and then is', async () => {
    const store = memoryStore();
    const { beat, cookie, pass, calls, options } = await due(oauth('invalid_grant'), undefined, { store });
    const at = (options.now ?? Date.now)();
    const marker = { generation: 1, attempt: 1, holder: 'elsewhere.1.1.x', at };
    await store.note(storeKeyOf(cookie), 1, { ...NO_NOTES, attempt: 1, marker });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(calls()).toBe(1);
    pass(31);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'rotation_lost' });
    expect(calls()).toBe(2);
  });

  it('is not judged either where a try of our own came between: its marker does not hide that of the other', async () => {
    const store = memoryStore();
    const { beat, cookie, pass, calls, options } = await due({ status: 500 }, 1, { store });
    const at = (options.now ?? Date.now)();
    const marker = { generation: 1, attempt: 1, holder: 'elsewhere.1.1.x', at };
    await store.note(storeKeyOf(cookie), 1, { ...NO_NOTES, attempt: 1, marker });
    provider.revoke();
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(calls()).toBe(2);
    pass(31);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'rotation_lost' });
  });

  it('of a generation that moved meanwhile is 200: a sibling won', async () => {
    const store = memoryStore();
    let letThrough = () => {};
    const hold = new Promise<void>((resolve) => (letThrough = resolve));
    const { beat, cookie, calls } = await due({ hold }, undefined, { store });
    const answer = beat();
    await expect.poll(calls).toBe(1);
    const key = storeKeyOf(cookie);
    const record = await store.read(key);
    const sealed = await store.readSealed(key);
    if (!record || !sealed) throw new Error('the session is gone');
    await store.commit(key, 1, { facts: { ...record.facts, grantedAt: record.facts.grantedAt + 43_000 }, sealed });
    provider.revoke();
    letThrough();
    expect(await answer).toMatchObject({ kind: 'alive' });
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
