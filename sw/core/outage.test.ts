import { describe, expect, it } from 'vitest';
import {
  activeState,
  alive,
  answers,
  asks,
  DUE,
  endingAt,
  failed,
  later,
  MINUTE,
  NO_NETWORK,
  over,
  SECOND,
  sends,
  T0,
} from '../model/build-state.js';
import { patience } from './backoff.js';
import type { Answer } from './events.js';
import type { State } from './state.js';
import { wakeAt } from './wake-at.js';

/** A session that ends at `end` as the server said at `T0`, and whose beats are due long before. */
const ending = (end: number, changes: Partial<State> = {}): State =>
  activeState({ ...endingAt(end), due: { at: T0, span: 0 }, lastActivityAt: T0, ...changes });

/**
 * The user types all the time from `from` on, and nothing is answered: when requests leave, until
 * `until`.
 */
function attempts(state: State, from: number, until: number, random: number, takes = 20): number[] {
  const left: number[] = [];
  for (let at = from; at < until; at = Math.max(at, wakeAt(state))) {
    const sent = sends(state, at, 'activity', { activityAge: 0 });
    left.push(at);
    at += Math.min(takes, patience(sent.state, at));
    state = answers(sent.state, sent.flight, at, NO_NETWORK, random).state;
  }
  return left;
}

describe('an outage near the end of the session (rule 6)', () => {
  it.each([
    ['refused at once', 20, 4],
    ['never answered', Infinity, 2],
  ])('requests that are %s leave several times before the end', (_, takes, least) => {
    for (const limit of [20, 60, 1_800])
      for (const random of [0, 0.5, 0.999])
        for (let early = 0; early < 5 * SECOND; early += 100) {
          const end = T0 + limit * SECOND;
          const from = end - limit * 300 - early;
          const sent = attempts(ending(end), from, end, random, takes);
          expect(sent.length).toBeGreaterThanOrEqual(least);
          // A session that has 5 s left when the server is back is asked about in time.
          const inTime = sent.filter((at) => at >= end - 5 * SECOND && at < end - SECOND / 2);
          expect({ random, early, limit, inTime: inTime.length > 0, sent: sent.map((at) => end - at) }).toMatchObject({
            inTime: true,
          });
        }
  });

  it('lets a request take two thirds of what is left, and its usual time where the end is far, unknown or past', () => {
    const state = ending(T0 + MINUTE);
    expect(patience(state, T0 + 54 * SECOND)).toBe(4 * SECOND);
    expect(patience(state, T0 + 57 * SECOND)).toBe(2 * SECOND);
    expect(patience(state, T0)).toBe(15 * SECOND);
    expect(patience(state, T0 + MINUTE)).toBe(15 * SECOND);
    expect(patience(activeState(), T0)).toBe(15 * SECOND);
  });

  it("obeys the server's order all the same, and adds no more to it than half of what is left", () => {
    const { state, flight } = sends(ending(T0 + MINUTE, { failures: 20 }), T0 + SECOND, 'extend');
    const { notBefore } = answers(state, flight, T0 + 20 * SECOND, later(5 * SECOND), 0.999_999).state;
    expect(notBefore.order).toBeCloseTo(7.5 * SECOND, -1);
    expect(notBefore.span).toBeCloseTo(25 * SECOND, -1);
  });
});

describe('what a beat says of an outage', () => {
  const beatAt = (state: State, at: number, activityAge = 0) => sends(state, at, 'activity', { activityAge });
  function failing(state: State, at: number, answer: Answer = NO_NETWORK): State {
    const sent = beatAt(state, at);
    return answers(sent.state, sent.flight, at + SECOND, answer).state;
  }
  const unanswered = (state: State, at: number) => beatAt(state, at).flight.unansweredMs;

  it('is for how long the server has been asked in vain, from the first request that it did not answer', () => {
    expect(unanswered(activeState(), DUE)).toBe(0);
    const once = failing(activeState(), DUE);
    expect(unanswered(once, DUE + MINUTE)).toBe(MINUTE);
    expect(unanswered(failing(once, DUE + MINUTE, failed('http-500')), DUE + 5 * MINUTE)).toBe(5 * MINUTE);
  });

  it.each([
    ['a 200', alive()],
    ['a 401', over('revoked', 'a')],
    ['a 503 that says what the session has left', later(0, { sessionId: 'a', idleExpiresIn: 900 })],
  ])('is nothing after %s', (_, answer) => {
    expect(failing(failing(activeState(), DUE), DUE + MINUTE, answer).unansweredAt).toBe(0);
  });

  it('is nothing of before an absence that was longer than the idle limit', () => {
    const limited = { facts: { idleTimeout: 600, idleExpiresIn: 100 }, factsAt: T0 };
    const state = failing(activeState(limited), DUE);
    expect(unanswered(state, DUE + 10 * MINUTE)).toBe(10 * MINUTE);
    expect(unanswered(state, DUE + 10 * MINUTE + 1)).toBe(0);
  });

  it.each(['end', 'check', 'unauthorized'] as const)(
    'comes with the activity, though a page only asks (%s): a question alone would end the session',
    (kind) => {
      const end = DUE + 10 * MINUTE;
      const state = failing(activeState({ ...endingAt(end) }), DUE);
      const typed = asks(state, end - 5 * MINUTE, 'activity', { activityAge: 0 }).state;
      const { flight } = sends({ ...typed, notBefore: { at: 0, span: 0, order: 0 } }, end, kind);
      expect(flight).toMatchObject({
        kind: 'beat',
        activity: 'user',
        idleMs: 5 * MINUTE,
        unansweredMs: 10 * MINUTE,
      });
      const quiet = activeState({ ...endingAt(end) });
      expect(sends(quiet, end, kind).flight.activity).toBe('none');
    },
  );
});
