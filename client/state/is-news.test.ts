import { expect, it } from 'vitest';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { isNews } from './is-news.js';
import { isOtherSession } from './is-other-session.js';
import { isProof, knownEnd } from './known-end.js';

it('drops news of an older epoch and an older beat', () => {
  const now = engineSnapshot({ epoch: { store: 'a', n: 2 } });
  expect(isNews(undefined, now)).toBe(true);
  expect(isNews(now, engineSnapshot({ epoch: { store: 'a', n: 1 } }))).toBe(false);
  expect(isNews(now, engineSnapshot({ epoch: { store: 'a', n: 2 }, lastBeatAt: 1 }))).toBe(false);
  expect(isNews(now, engineSnapshot({ epoch: { store: 'a', n: 2 } }))).toBe(true);
  expect(isNews(now, engineSnapshot({ epoch: { store: 'b', n: 9 } }))).toBe('foreign');
});

it('takes news that look older after the clock was set back', () => {
  const ahead = engineSnapshot({ lastBeatAt: Date.now() + 3_600_000 });
  expect(isNews(ahead, engineSnapshot({ lastBeatAt: Date.now() }))).toBe(true);
});

it('knows the nearer end and whether anything can move it', () => {
  expect(knownEnd(engineSnapshot())).toBe(null);
  expect(knownEnd(engineSnapshot({ idleExpiresAt: 5, absoluteExpiresAt: 9 }))).toEqual({
    at: 5,
    why: 'idle',
    extendable: true,
  });
  expect(knownEnd(engineSnapshot({ idleExpiresAt: 9, absoluteExpiresAt: 5 }))?.extendable).toBe(false);
  expect(knownEnd(engineSnapshot({ status: 'expired', idleExpiresAt: 5 }))).toBe(null);
});

it('takes a moved end or beat for proof of life, and the same state for none', () => {
  const idleExpiresAt = Date.now() + 60_000;
  const before = engineSnapshot({ idleExpiresAt });
  expect(isProof(before, engineSnapshot({ idleExpiresAt }))).toBe(false);
  expect(isProof(before, engineSnapshot({ idleExpiresAt: idleExpiresAt + 1_000 }))).toBe(true);
  expect(isProof(before, engineSnapshot({ idleExpiresAt: 1 }))).toBe(false);
  expect(isProof(before, engineSnapshot({ status: 'expired', lastBeatAt: 9 }))).toBe(false);
});

it('sees another session in another id, and in none while one is active', () => {
  expect(isOtherSession(engineSnapshot(), 'S1')).toBe(false);
  expect(isOtherSession(engineSnapshot(), 'S2')).toBe(true);
  expect(isOtherSession(engineSnapshot(), null)).toBe(true);
  expect(isOtherSession(engineSnapshot(), undefined)).toBe(false);
  const over = engineSnapshot({ status: 'expired', sessionId: null, endedSessionId: 'S1' });
  expect(isOtherSession(over, 'S1')).toBe(false);
  expect(isOtherSession(over, null)).toBe(false);
  expect(isOtherSession(over, 'S2')).toBe(true);
});
