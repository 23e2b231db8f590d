import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeState,
  alive,
  answers,
  asks,
  attempted,
  begins,
  buildAsk,
  dueFrom,
  MINUTE,
  SECOND,
  sends,
  sent,
  skipped,
  T0,
} from '../model/build-state.js';
import { settleClocks } from './clocks.js';
import { transition } from './transition.js';
import { wakeAt } from './wake-at.js';

const HOUR = 60 * MINUTE;

describe('a clock that was set back (rule 4)', () => {
  it('draws in every instant that lies ahead, and what is counted from it', () => {
    const now = T0 - 24 * HOUR;
    const state = activeState({
      factsAt: T0,
      notBefore: { at: T0, span: MINUTE, order: MINUTE },
      attemptedAt: T0,
      wanted: { why: 'check', at: T0, tried: false },
    });
    expect(settleClocks(state, now)).toMatchObject({
      due: { at: now, span: 5 * MINUTE },
      factsAt: now,
      notBefore: { at: now, span: MINUTE, order: MINUTE },
      attemptedAt: now,
      wanted: { at: now },
      lastBeatAt: now,
    });
  });

  it('voids activity that lies in the future: it happened at no time', () => {
    const settled = settleClocks(activeState(), T0 - HOUR);
    expect(settled).toMatchObject({ lastActivityAt: 0, reportedActivityAt: 0 });
    expect(skipped(asks(activeState({ due: dueFrom(T0 - HOUR) }), T0 - HOUR, 'activity'))).toBe('no-activity');
  });

  it('draws in an answer of the future, which would answer every later ask', () => {
    const answered = { at: T0, sentAt: T0, outcome: 'unavailable', code: 'busy' } as const;
    expect(settleClocks(activeState({ answered }), T0 - HOUR).answered).toEqual({
      ...answered,
      at: T0 - HOUR,
      sentAt: T0 - HOUR,
    });
    expect(settleClocks(activeState({ answered }), T0).answered).toEqual(answered);
  });

  it('does not believe what a page saw before, and takes all else that it asks', () => {
    const now = T0 - HOUR;
    const asked = (askedAt: number, kind: 'visible' | 'signed-out', seen: string | null) => {
      const ask = buildAsk(kind, { seen, activityAge: 0 });
      const event = { type: 'ask', ask, askedAt, at: now, random: 0, checkable: true } as const;
      return transition(activeState(), event).state;
    };
    expect(asked(T0, 'visible', null)).toMatchObject({ status: 'active', lastActivityAt: now });
    expect(asked(T0, 'visible', 'b').wanted.why).toBe(null);
    expect(asked(T0, 'signed-out', null).status).toBe('signed-out');
    expect(asked(now + 5, 'visible', null).status).toBe('signed-out');
  });

  it('forgives what two contexts read of one clock in another order', () => {
    expect(settleClocks(activeState(), T0 - SECOND)).toMatchObject({ lastActivityAt: T0 - SECOND });
    expect(settleClocks(activeState(), T0 - SECOND - 1)).toMatchObject({ lastActivityAt: 0 });
  });

  it('draws in what left before it, too: an answer is counted from now, and activity is no later', () => {
    const now = T0 - HOUR;
    const { state, flight } = sends(activeState(), T0 + 1, 'extend');
    const judged = answers(state, flight, now, alive({ idleExpiresIn: 600 }));
    expect(judged.state).toMatchObject({
      factsAt: now,
      lastBeatAt: now,
      due: { at: now },
      answered: { at: now, sentAt: now },
    });
    const ask = buildAsk('activity', { activityAge: 0 });
    const late = transition(activeState(), { type: 'ask', ask, askedAt: T0, at: now, random: 0, checkable: true });
    expect(late.state.lastActivityAt).toBe(now);
  });

  it('does not go silent: a present user beats within one interval', () => {
    const now = T0 - 24 * HOUR;
    const moved = asks(activeState(), now, 'activity', { activityAge: 0 });
    expect(skipped(moved)).toBe('not-due');
    const due = now + 5 * MINUTE;
    expect(wakeAt(moved.state)).toBe(due);
    expect(attempted(asks(moved.state, due, 'activity', { activityAge: 0 }))).toBe('due');
  });
});

describe('a clock that was set forward', () => {
  it('does not beat for somebody who was last seen before', () => {
    expect(skipped(asks(activeState(), T0 + 24 * HOUR, 'activity'))).toBe('no-activity');
  });

  it('beats once for somebody who is there, not in a loop', () => {
    const now = T0 + 24 * HOUR;
    const step = asks(activeState(), now, 'activity', { activityAge: 0 });
    expect(attempted(step)).toBe('due');
    expect(sent(begins(step, now)).flight).toMatchObject({ kind: 'beat', idleMs: 0 });
  });
});

it('leaves every instant alone that has passed', () => {
  const state = activeState({ notBefore: { at: T0, span: MINUTE, order: 0 }, factsAt: T0, attemptedAt: T0 });
  expect(settleClocks(state, T0)).toEqual(state);
  expect(settleClocks(state, T0 + HOUR)).toEqual(state);
});

it('leaves alone what is no instant, whatever its name', () => {
  const other = { format: 'text', rate: 9, idleExpiresIn: 9, seat: null };
  expect(settleClocks(other, 5)).toEqual(other);
});

it('changes nothing the second time, and leaves nothing ahead', () => {
  const instant = fc.integer({ min: 0, max: 4 * T0 });
  const wait = fc.record({ at: instant, span: fc.nat(HOUR) });
  fc.assert(
    fc.property(
      fc.record({
        lastActivityAt: instant,
        reportedActivityAt: instant,
        lastBeatAt: instant,
        due: wait,
        factsAt: instant,
        attemptedAt: instant,
      }),
      fc.integer({ min: 0, max: 4 * T0 }),
      (changes, at) => {
        const once = settleClocks(activeState(changes), at);
        expect(settleClocks(once, at)).toEqual(once);
        expect(once.lastActivityAt).toBeLessThanOrEqual(at);
        expect(once.reportedActivityAt).toBeLessThanOrEqual(at);
        expect(once.factsAt).toBeLessThanOrEqual(at);
        expect(once.due.at).toBeLessThanOrEqual(at);
        expect(once.attemptedAt).toBeLessThanOrEqual(at);
        expect(wakeAt(once)).toBeLessThanOrEqual(at + Math.max(once.due.span, 5 * SECOND));
      },
    ),
  );
});
