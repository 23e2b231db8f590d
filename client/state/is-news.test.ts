import { expect, it } from 'vitest';
import type { EngineSnapshot } from '../../sw/protocol.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { isForeign, isNews } from './is-news.js';
import { isOtherSession, isProof, knownEnd } from './known-end.js';

/** A session whose limits the server has told at `factsAt`. */
const endingAt = (facts: EngineSnapshot['facts'], factsAt = 0) => engineSnapshot({ facts, factsAt });

it('drops news of an older epoch and an older beat', () => {
  const now = engineSnapshot({ epoch: { store: 'a', n: 2 } });
  expect(isNews(undefined, now)).toBe(true);
  expect(isNews(now, engineSnapshot({ epoch: { store: 'a', n: 1 } }))).toBe(false);
  expect(isNews(now, engineSnapshot({ epoch: { store: 'a', n: 2 }, lastBeatAt: 1 }))).toBe(false);
  expect(isNews(now, engineSnapshot({ epoch: { store: 'a', n: 2 } }))).toBe(true);
});

it('knows a storage whose numbers do not compare', () => {
  const now = engineSnapshot({ epoch: { store: 'a', n: 2 } });
  const foreign = engineSnapshot({ epoch: { store: 'b', n: 1 } });
  expect([isForeign(now, foreign), isNews(now, foreign)]).toEqual([true, true]);
  expect([isForeign(now, now), isForeign(undefined, foreign)]).toEqual([false, false]);
});

it('takes news that look older after the clock was set back', () => {
  const ahead = engineSnapshot({ lastBeatAt: Date.now() + 3_600_000 });
  expect(isNews(ahead, engineSnapshot({ lastBeatAt: Date.now() }))).toBe(true);
});

it('knows the nearer end and whether anything can move it', () => {
  expect(knownEnd(engineSnapshot())).toBe(null);
  expect(knownEnd(endingAt({ idleExpiresIn: 5, absoluteExpiresIn: 9 }, 1_000))).toEqual({
    at: 6_000,
    why: 'idle',
    extendable: true,
  });
  expect(knownEnd(endingAt({ idleExpiresIn: 9, absoluteExpiresIn: 5 }))?.extendable).toBe(false);
  expect(knownEnd(endingAt({ idleExpiresIn: 0 }, 1_000))?.at).toBe(2_000);
  expect(knownEnd({ ...endingAt({ idleExpiresIn: 5 }), status: 'expired' })).toBe(null);
});

it('takes a moved end or beat for proof of life, and the same state for none', () => {
  const now = Date.now();
  const before = endingAt({ idleExpiresIn: 60 }, now);
  expect(isProof(before, endingAt({ idleExpiresIn: 60 }, now))).toBe(false);
  expect(isProof(before, endingAt({ idleExpiresIn: 60 }, now + 1_000))).toBe(true);
  expect(isProof(before, engineSnapshot({ status: 'expired', factsAt: 9 }))).toBe(false);
});

it('sees another session in another id, and in none while one is active', () => {
  expect(isOtherSession(engineSnapshot(), 'S1')).toBe(false);
  expect(isOtherSession(engineSnapshot(), 'S2')).toBe(true);
  expect(isOtherSession(engineSnapshot(), null)).toBe(true);
  expect(isOtherSession(engineSnapshot(), undefined)).toBe(false);
  expect(isOtherSession(engineSnapshot({ refutedSeen: 'S2' }), 'S2')).toBe(false);
  expect(isOtherSession(engineSnapshot({ refutedSeen: 'S2' }), null)).toBe(true);
  const over = engineSnapshot({ status: 'expired', sessionId: null, endedSessionId: 'S1' });
  expect(isOtherSession(over, 'S1')).toBe(false);
  expect(isOtherSession(over, null)).toBe(false);
  expect(isOtherSession(over, 'S2')).toBe(true);
});
