import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { errorFacts } from '../observe/logger.js';
import { createIssuerGate } from '../provider/issuer-gate.js';
import { memoryRateLimiter } from '../rates/rate-limit.js';
import { firstFacts, grantedFacts } from '../record/grant-facts.js';
import { createKeyRing } from '../record/key-ring.js';
import { activityStep, isGrantDue, isTokenDue, nextBeatIn } from '../record/timing.js';
import type { TokenSet } from '../record/token-set.js';
import { NO_NOTES, type SessionFacts, type SessionRecord, StoreError } from '../store/store.js';
import { jitteredRetryAfter, readRetryAfter } from '../verdict/retry-after.js';
import { isHolderDead, newHolder } from './holder.js';
import { REFRESH_TIMINGS } from './refresh-context.js';
import { settledBy } from './refresh-under-lease.js';
import { createSlots } from './slots.js';

const tokens = (more: Partial<TokenSet> = {}): TokenSet => ({
  ...{
    accessToken: 'a',
    accessTokenExpiresIn: 300,
    refreshToken: 'r',
    refreshExpiresIn: null,
    idToken: null,
    scope: null,
  },
  ...more,
});
const facts = (more: Partial<TokenSet> = {}, refreshTokenIdleMs: number | null = null): SessionFacts =>
  firstFacts({ sessionId: 's', user: 'u' }, tokens(more), { now: 0, absoluteMs: 28_800_000, refreshTokenIdleMs });

describe('when a grant is due', () => {
  it.each([
    ['not within refreshAfter', facts(), 59_000, false],
    ['after refreshAfter', facts(), 60_000, true],
    ['at 30 % of the token left', facts({ accessTokenExpiresIn: 60 }), 42_000, true],
    ['not before', facts({ accessTokenExpiresIn: 60 }), 41_000, false],
    ['at half of the refresh token’s idle time', facts({ refreshExpiresIn: 40 }), 20_000, true],
    ['at half of the configured idle time', facts({}, 30_000), 15_000, true],
    ['never within 5 s', facts({ accessTokenExpiresIn: 60, refreshExpiresIn: 2 }), 4_900, false],
    ['never within a quarter of a short token', facts({ accessTokenExpiresIn: 4 }), 900, false],
    ['but soon after it', facts({ accessTokenExpiresIn: 4 }), 2_800, true],
    ['never without a refresh token', facts({ refreshToken: null }), 300_000, false],
    ['where the clock was set back since', facts(), -6_000, true],
    ['not where it was corrected by a little', facts(), -4_000, false],
    ['a refresh_expires_in of 0 says nothing', facts({ refreshExpiresIn: 0 }), 30_000, false],
  ])('%s', (_name, of, now, due) => {
    expect(isGrantDue(of, now, 60_000)).toBe(due);
  });

  it('for an application’s call only by the access token', () => {
    expect(isTokenDue(facts(), 200_000)).toBe(false);
    expect(isTokenDue(facts(), 210_000)).toBe(true);
    expect(isTokenDue(facts(), -6_000)).toBe(true);
    expect(isTokenDue(facts({ refreshToken: null }), -6_000)).toBe(false);
  });
});

describe('when the next beat is wanted', () => {
  it.each([
    ['token due', facts(), 1_800_000, 210],
    ['half the idle limit', facts(), 100_000, 50],
    ['half the refresh token’s idle time', facts({ refreshExpiresIn: 120 }), 1_800_000, 60],
    ['the end of a token that cannot be refreshed', facts({ refreshToken: null }), 1_800_000, 300],
  ])('%s', (_name, of, idleMs, seconds) => {
    expect(nextBeatIn(of, 0, idleMs)).toBe(seconds);
  });

  it('is never in the past', () => expect(nextBeatIn(facts(), 999_000, 1_800_000)).toBe(1));
  it('activity is written in steps of a twentieth, half a second at most', () => {
    expect(activityStep(5_000)).toBe(250);
    expect(activityStep(28_800_000)).toBe(500);
  });
});

describe('a lifetime beyond ten years', () => {
  it.each([315_360_001, 2 ** 63, Number.MAX_VALUE])('is as good as none: no date can say %d', (seconds) => {
    const endless = { accessTokenExpiresIn: seconds, refreshExpiresIn: seconds };
    const none = { accessExpiresAt: null, accessLife: null, refreshIdle: null, refreshEndAt: null };
    expect(facts(endless)).toMatchObject(none);
    expect(grantedFacts(facts(), tokens(endless), { now: 60_000, refreshTokenIdleMs: null })).toMatchObject(none);
  });
});

describe('refresh_expires_in', () => {
  const first = facts({ refreshExpiresIn: 600 });
  const limits = { now: 60_000, refreshTokenIdleMs: null };

  it('that grants prolong is an idle limit', () => {
    const next = grantedFacts(first, tokens({ refreshExpiresIn: 600 }), limits);
    expect(next).toMatchObject({ refreshIdle: 600_000, absoluteEndAt: 28_800_000 });
  });
  it('is judged by no clock that was set back since', () => {
    const next = grantedFacts(first, tokens({ refreshExpiresIn: 600 }), { ...limits, now: -120_000 });
    expect(next).toMatchObject({ refreshIdle: 600_000, absoluteEndAt: 28_800_000 });
  });
  it('that grants do not prolong is the end of the session', () => {
    const next = grantedFacts(first, tokens({ refreshExpiresIn: 540 }), limits);
    expect(next).toMatchObject({ refreshIdle: null, absoluteEndAt: 600_000 });
  });
});

describe('Retry-After', () => {
  it('of ours is jittered by a fifth, and capped by what idle has left', () => {
    expect([0, 1].map((random) => jitteredRetryAfter(10, null, random))).toEqual([10, 12]);
    expect(jitteredRetryAfter(600, 1_800, 0)).toBe(120);
    expect(jitteredRetryAfter(60, 40, 0)).toBe(10);
    expect(jitteredRetryAfter(60, 1, 0)).toBe(1);
  });
  it('of the provider is seconds, or a date read against the answer’s own', () => {
    expect(readRetryAfter(new Headers())).toBeNull();
    expect(readRetryAfter(new Headers({ 'retry-after': '7' }))).toBe(7);
    expect(readRetryAfter(new Headers({ 'retry-after': '99999' }))).toBe(900);
    const date = { date: 'Wed, 21 Oct 2015 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT' };
    expect(readRetryAfter(new Headers(date))).toBe(30);
    expect(readRetryAfter(new Headers({ 'retry-after': 'soon' }))).toBeNull();
  });
});

describe('the key ring', () => {
  const key = () => randomBytes(32).toString('base64url');
  it('opens under the same context only, with any of its keys', async () => {
    const [old, fresh] = [key(), key()];
    const sealed = await createKeyRing([old]).seal('row-1', { a: 1 });
    expect(await createKeyRing([fresh, old]).open('row-1', sealed)).toEqual({ a: 1 });
    expect(await createKeyRing([fresh, old]).open('row-2', sealed)).toBeNull();
    expect(await createKeyRing([fresh]).open('row-1', sealed)).toBeNull();
    expect(await createKeyRing([old]).open('row-1', `${sealed.slice(0, -3)}AAA`)).toBeNull();
    expect(await createKeyRing([old]).open('row-1', 'nonsense')).toBeNull();
  });
  it('refuses keys of another length, and no keys', () => {
    expect(() => createKeyRing([])).toThrow(TypeError);
    expect(() => createKeyRing(['c2hvcnQ'])).toThrow(/"keys".*32 bytes/);
  });
});

describe('a holder', () => {
  it('is known to be dead only where its process is gone from this host', async () => {
    expect(isHolderDead(newHolder())).toBe(false);
    const child = spawn(process.execPath, ['-e', '']);
    const pid = child.pid ?? 0;
    await once(child, 'exit');
    const [host, , start] = newHolder().split('.');
    expect(isHolderDead(`${host}.${pid}.${start}.x`)).toBe(true);
    expect(isHolderDead(`elsewhere.${pid}.${start}.x`)).toBe(false);
    expect(isHolderDead(`${host}.${process.pid}.1.x`)).toBe(process.platform === 'linux');
    expect(isHolderDead('nonsense')).toBe(false);
  });

  it.runIf(process.platform === 'linux')('is dead though its parent never asks after it (a zombie)', async () => {
    // The shell becomes `sleep`, which does not wait for what the shell began.
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(line));
    const holder = newHolder(pid);
    expect(isHolderDead(holder)).toBe(false);
    await expect.poll(() => isHolderDead(holder), { timeout: 10_000 }).toBe(true);
    // Still there for whoever asks by its pid alone.
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill();
  });
});

describe('what a record says to those who want a refresh', () => {
  const gate = createIssuerGate(() => 250_000);
  const context = { now: () => 250_000, refreshAfterMs: 60_000, gate, timings: REFRESH_TIMINGS };
  const record: SessionRecord = {
    ...{ key: 'k', generation: 2, lastActiveAt: 0, facts: facts(), notes: NO_NOTES, ended: null, lease: null },
  };

  it('is that somebody was faster, where its generation moved, whatever is due in it by now', () => {
    expect(settledBy(context, record, 1)).toEqual({ kind: 'fresh', granted: true, record });
  });
  it('is nothing where a grant is due', () => expect(settledBy(context, record, 2)).toBeNull());
  it('is that nothing is due', () => {
    const young = { ...record, facts: { ...facts(), grantedAt: 249_000, accessExpiresAt: 500_000 } };
    expect(settledBy(context, young, 2)).toEqual({ kind: 'fresh', granted: false, record: young });
  });
  it('is its end, before all else', () => {
    expect(settledBy(context, { ...record, ended: 'revoked' }, 1)).toEqual({ kind: 'over', reason: 'revoked' });
    expect(settledBy(context, null, 1)).toEqual({ kind: 'over', reason: 'no_session' });
  });
  it('is to wait until another holder’s marker can be judged', () => {
    const notes = { ...NO_NOTES, undecidedUntil: 260_000 };
    expect(settledBy(context, { ...record, notes }, 2)).toMatchObject({
      kind: 'later',
      reason: 'busy',
      retryAfter: 10,
    });
    expect(settledBy(context, { ...record, notes: { ...notes, undecidedUntil: 249_000 } }, 2)).toBeNull();
    // From before the clock was set back.
    expect(settledBy(context, { ...record, notes: { ...notes, undecidedUntil: 999_000 } }, 2)).toBeNull();
  });
  it('is to wait while the provider is closed', () => {
    const closed = createIssuerGate(() => 250_000);
    closed.close(7);
    closed.close(3);
    expect(settledBy({ ...context, gate: closed }, record, 2)).toMatchObject({ kind: 'later', retryAfter: 7 });
  });
});

it('a provider that is closed is open again where the clock was set back: nobody knows for how long', () => {
  let at = 1_000_000;
  const gate = createIssuerGate(() => at);
  gate.close(30);
  at += 10_000;
  gate.close(5);
  expect(gate.closedFor()).toBe(20);
  at = 999_000;
  expect(gate.closedFor()).toBe(0);
  gate.close(5);
  expect(gate.closedFor()).toBe(5);
});

it('slots are handed on in turn, and passed over where nobody waits any more', async () => {
  const slots = createSlots(1);
  const release = await slots.take(() => true);
  const unwanted = slots.take(() => false);
  const next = slots.take(() => true);
  release?.();
  release?.();
  expect(await unwanted).toBeNull();
  (await next)?.();
  expect(await slots.take(() => true)).not.toBeNull();
});

it('a slot that is given back twice is one slot', async () => {
  const slots = createSlots(1);
  const release = await slots.take(() => true);
  release?.();
  release?.();
  const order: string[] = [];
  const first = await slots.take(() => true);
  const second = slots
    .take(() => true)
    .then((give) => {
      order.push('second');
      give?.();
    });
  await new Promise((resolve) => setImmediate(resolve));
  order.push('given back');
  first?.();
  await second;
  expect(order).toEqual(['given back', 'second']);
});

it('the rate limit lets a burst through and then says when to come back', async () => {
  const limiter = memoryRateLimiter({ perMinute: 2, burst: 1 });
  const waits: number[] = [];
  for (let n = 0; n < 4; n += 1) waits.push(await limiter.take('k'));
  expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
  expect(waits[3]).toBeGreaterThan(0);
  expect(await limiter.take('other')).toBe(0);
});

it('the rate limit lets one through as often as it says, and a burst again after a rest', async () => {
  let at = 0;
  const limiter = memoryRateLimiter({ perMinute: 30, burst: 20, now: () => at });
  const through = async (asks: number) => {
    let count = 0;
    for (let n = 0; n < asks; n += 1) count += (await limiter.take('k')) === 0 ? 1 : 0;
    return count;
  };
  expect(await through(100)).toBe(50);
  expect(await limiter.take('k')).toBe(2);
  at = 60_000;
  expect(await through(100)).toBe(30);
  at += 100_000;
  expect(await through(100)).toBe(50);
});

it('says of an error its name and code, never its message', () => {
  const cause = Object.assign(new Error('token=secret'), { code: 'ECONNRESET' });
  expect(errorFacts(new TypeError('fetch failed secret', { cause }))).toEqual({
    error: 'TypeError',
    code: 'ECONNRESET',
  });
  expect(errorFacts('secret')).toEqual({ error: 'string' });
  expect(errorFacts(new StoreError('secret', 'SQLITE_FULL'))).toEqual({
    error: 'StoreError',
    code: 'store_unavailable',
    cause: 'SQLITE_FULL',
  });
});
