import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AliveFacts } from '../../server/contract.js';
import {
  activeState,
  alive,
  answers,
  buildState,
  dueFrom,
  expiredState,
  MINUTE,
  NO_NETWORK,
  SECOND,
  sends,
  T0,
} from '../model/build-state.js';
import { holdBack } from './backoff.js';
import { beatSpan, endsAt, isPresent, isUnreported } from './schedule.js';
import type { State } from './state.js';
import { wakeAt } from './wake-at.js';

const span = (facts: AliveFacts, random = 0) => beatSpan(activeState(), facts, random);

describe('the next beat (rule 2)', () => {
  it('is due after `interval` where the server says nothing', () => {
    expect(span({})).toBe(5 * MINUTE);
    expect(span({ nextBeatIn: null, accessTokenExpiresIn: null, idleExpiresIn: null })).toBe(5 * MINUTE);
  });

  it('is due when the server says, but never later than `interval`', () => {
    expect(span({ nextBeatIn: 42 })).toBe(42 * SECOND);
    expect(span({ nextBeatIn: 301 })).toBe(5 * MINUTE);
  });

  it('takes 70 % of the least that is left from a server that does not say', () => {
    expect(span({ accessTokenExpiresIn: 100, idleExpiresIn: 200 })).toBeCloseTo(70 * SECOND);
    expect(span({ accessTokenExpiresIn: 200, idleExpiresIn: 100 })).toBeCloseTo(70 * SECOND);
    expect(span({ accessTokenExpiresIn: 100, nextBeatIn: 90 })).toBe(90 * SECOND);
  });

  it('is spread by up to 10 % earlier', () => {
    expect(span({ nextBeatIn: 100 }, 0.5)).toBeCloseTo(95 * SECOND);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999_999, noNaN: true }), (random) => {
        expect(span({}, random)).toBeLessThanOrEqual(5 * MINUTE);
        expect(span({}, random)).toBeGreaterThan(4.5 * MINUTE);
      }),
    );
  });

  it('is never sooner than `minInterval`, whatever the server says', () => {
    expect(span({ nextBeatIn: 0 }, 0.9)).toBe(5 * SECOND);
    expect(span({ nextBeatIn: 5 }, 0.9)).toBe(5 * SECOND);
    expect(span({ accessTokenExpiresIn: 0 }, 0.9)).toBe(5 * SECOND);
  });

  it('counts from when the request was sent, not from when the answer came', () => {
    const at = T0 + 5 * MINUTE;
    const { state, flight } = sends(activeState(), at, 'activity', { activityAge: 0 });
    const judged = answers(
      state,
      flight,
      at + 9_000,
      alive({ nextBeatIn: 60, idleExpiresIn: 600, absoluteExpiresIn: 900 }),
    );
    expect(judged.state).toMatchObject({
      due: { at, span: 60_000 },
      lastBeatAt: at,
      factsAt: at,
    });
    expect(endsAt(judged.state)).toBe(at + 600_000);
  });
});

describe('wakeAt', () => {
  it("is the latest of the due beat, the server's order and the bucket", () => {
    const due = dueFrom(T0 + MINUTE);
    expect(wakeAt(activeState({ due }))).toBe(T0 + MINUTE);
    const notBefore = { at: T0 + MINUTE, span: MINUTE, order: MINUTE };
    expect(wakeAt(activeState({ due, notBefore }))).toBe(T0 + 2 * MINUTE);
    expect(wakeAt(activeState({ due, attemptedAt: T0 + MINUTE }))).toBe(T0 + MINUTE + 5_000);
  });

  it('is not before our own back-off has passed', () => {
    const notBefore = holdBack(activeState(), NO_NETWORK, T0, 0);
    expect(wakeAt(activeState({ due: dueFrom(T0), notBefore }))).toBe(T0 + 5 * SECOND);
  });

  it('is never while no activity can cause a beat', () => {
    expect(wakeAt(expiredState())).toBe(Infinity);
    expect(wakeAt(buildState())).toBe(Infinity);
    expect(wakeAt(buildState({ wanted: { why: 'hello', at: T0, tried: false } }))).toBe(T0);
  });

  it.each(['extend', 'changed', 'signed-in'] as const)(
    "lets what a user does pass our own back-off once, and not the server's order: %s",
    (why) => {
      const wanted = { why, at: T0, tried: false };
      const own = { at: T0, span: MINUTE, order: 0 };
      expect(wakeAt(activeState({ wanted, notBefore: own }))).toBe(T0);
      expect(wakeAt(activeState({ wanted, notBefore: { ...own, order: 2 * SECOND } }))).toBe(T0 + 2 * SECOND);
      expect(wakeAt(activeState({ wanted: { ...wanted, tried: true }, notBefore: own }))).toBe(T0 + MINUTE);
    },
  );
});

it('takes a user for present up to activeWindow', () => {
  const state = activeState({ lastActivityAt: T0 });
  expect(isPresent(state, T0 + 2 * MINUTE)).toBe(true);
  expect(isPresent(state, T0 + 2 * MINUTE + 1)).toBe(false);
  expect(isPresent(activeState({ lastActivityAt: 0 }), T0)).toBe(false);
});

it('takes activity for unreported while it is newer than the last report by more than a message takes', () => {
  const of = (changes: Partial<State>) => isUnreported(activeState(changes));
  expect(of({ lastActivityAt: 5, reportedActivityAt: 5 })).toBe(false);
  expect(of({ lastActivityAt: 1_005, reportedActivityAt: 5 })).toBe(false);
  expect(of({ lastActivityAt: 1_006, reportedActivityAt: 5 })).toBe(true);
  expect(of({ lastActivityAt: T0, reportedActivityAt: 0 })).toBe(true);
  expect(of({ lastActivityAt: 0, reportedActivityAt: 0 })).toBe(false);
});

it('knows the end as the earlier of the two limits', () => {
  const of = (facts: AliveFacts) => endsAt(activeState({ facts, factsAt: T0 }));
  expect(of({})).toBe(Infinity);
  expect(of({ idleExpiresIn: null, absoluteExpiresIn: null })).toBe(Infinity);
  expect(of({ idleExpiresIn: 7 })).toBe(T0 + 7_000);
  expect(of({ idleExpiresIn: 7, absoluteExpiresIn: 3 })).toBe(T0 + 3_000);
});
