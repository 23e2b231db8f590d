import { describe, expect, it } from 'vitest';
import {
  activeState,
  alive,
  answers,
  asks,
  beat,
  begins,
  buildState,
  DUE,
  expiredState,
  MINUTE,
  outcomeOf,
  SECOND,
  sends,
  skipped,
  T0,
} from '../model/build-state.js';

describe('what a beat reports', () => {
  it('is the activity that no beat reported before, and how long ago it was', () => {
    const { flight } = sends(activeState(), DUE, 'activity', { activityAge: 90 * SECOND });
    expect(flight).toMatchObject({ kind: 'beat', activity: 'user', idleMs: 90 * SECOND });
    expect(flight.activityAt).toBe(DUE - 90 * SECOND);
  });

  it.each(['extend', 'signed-in'] as const)('is a user of this moment with %s', (kind) => {
    const { flight } = sends(activeState(), DUE, kind);
    expect(flight).toMatchObject({ kind: 'beat', activity: 'user', idleMs: 0 });
  });

  it('is a user of when they came back or were seen, with visible and touch', () => {
    for (const kind of ['visible', 'touch'] as const)
      expect(sends(activeState(), DUE, kind, { activityAge: 90 * SECOND }).flight.idleMs).toBe(90 * SECOND);
  });

  it('is nobody with unauthorized(), even if somebody is there', () => {
    const { flight } = sends(activeState(), DUE, 'unauthorized', { activityAge: 0 });
    expect(flight).toMatchObject({ kind: 'beat', activity: 'none' });
    expect(flight.activityAt).toBe(0);
  });

  it('is nobody with a hello of an unattended page', () => {
    expect(sends(buildState(), T0, 'hello').flight).toMatchObject({ kind: 'beat', activity: 'none', idleMs: 0 });
    expect(sends(buildState(), T0, 'hello', { activityAge: 0 }).flight).toMatchObject({ activity: 'user' });
    expect(sends(expiredState(), T0, 'hello', { activityAge: 2 * MINUTE + 1 }).flight).toMatchObject({
      activity: 'none',
    });
  });

  it('is nobody with another session of an unattended page', () => {
    expect(sends(activeState(), T0 + 1, 'visible', { seen: 'b', visible: false }).flight).toMatchObject({
      activity: 'none',
    });
  });

  it('is no beat at all with check(), where there is an endpoint for it', () => {
    expect(sends(activeState(), T0 + 1, 'check').flight).toMatchObject({ kind: 'check' });
    const without = sends(activeState(), T0 + 1, 'check', { activityAge: 0 }, { checkable: false });
    expect(without.flight).toMatchObject({ kind: 'beat', activity: 'none' });
  });
});

describe('under the lock', () => {
  it('a beat that somebody else has made meanwhile is not made again', () => {
    const waiting = asks(activeState(), DUE, 'activity', { activityAge: 0 });
    const { state, flight } = sends(waiting.state, DUE + 1, 'activity', { activityAge: 0, tab: 'tab-2' });
    const judged = answers(state, flight, DUE + 2, alive());
    const joined = begins({ ...waiting, state: judged.state }, DUE + 3);
    expect(skipped(joined)).toBe('joined');
    expect(outcomeOf(joined)).toBe('alive');
  });

  it('a session that has ended meanwhile is not asked for again', () => {
    const waiting = asks(activeState(), DUE, 'extend');
    const ended = asks(waiting.state, DUE + 1, 'signed-out').state;
    const step = begins({ ...waiting, state: ended }, DUE + 2);
    expect(skipped(step)).toBe('joined');
    expect(outcomeOf(step)).toBe('ended');
  });

  it('presence is judged again: a user who has left while it waited is not reported', () => {
    const waiting = asks(activeState(), DUE, 'activity', { activityAge: 2 * MINUTE });
    expect(skipped(begins(waiting, DUE + 1))).toBe('joined');
  });

  it('the attempt is in the state before the request leaves', () => {
    const { state } = beat();
    expect(state.attemptedAt).toBe(DUE - 10 * SECOND);
    expect(state.lastBeatAt).toBe(T0);
    expect(state.reportedActivityAt).toBe(T0);
  });

  it('the flight remembers what was true when it left', () => {
    const { flight } = sends(activeState(), DUE, 'activity', { activityAge: 0, online: false });
    expect(flight).toMatchObject({ sentAt: DUE, why: 'due', online: false });
  });
});

it('what was tried already waits again where its user has left while it waited for the lock', () => {
  const tried = buildState({ wanted: { why: 'hello', at: T0, tried: true } });
  const waiting = asks(tried, T0 + 1, 'activity', { activityAge: 0 });
  expect(skipped(begins(waiting, T0 + 1 + 2 * MINUTE + 1))).toBe('joined');
  expect(skipped(begins(waiting, T0 + 1 + 2 * MINUTE))).toBeNull();
});

describe('what was asked long before it could leave', () => {
  it.each(['extend', 'signed-in'] as const)('%s still reports the user who asked', (why) => {
    const state = activeState({
      lastActivityAt: T0,
      reportedActivityAt: T0 - MINUTE,
      wanted: { why, at: T0, tried: false },
    });
    const { flight } = sends(state, T0 + 10 * MINUTE, 'activity', { visible: false });
    expect(flight).toMatchObject({ kind: 'beat', why, activity: 'user', idleMs: 10 * MINUTE });
  });

  it('any other reports nobody', () => {
    const state = activeState({ reportedActivityAt: T0 - MINUTE, wanted: { why: 'changed', at: T0, tried: false } });
    const { flight } = sends(state, T0 + 10 * MINUTE, 'activity', { visible: false });
    expect(flight).toMatchObject({ why: 'changed', activity: 'none' });
  });
});

describe('an answer of the instant at which was asked', () => {
  const due = (outcome: 'alive' | 'unavailable') =>
    activeState({ answered: { at: DUE, sentAt: DUE, outcome, code: 'x' } });

  it('that was none is the failure of this ask as well', () => {
    const asked = asks(due('unavailable'), DUE, 'activity', { activityAge: 0 });
    expect(begins(asked, DUE)).toMatchObject({ skipped: 'joined', outcome: 'unavailable' });
  });

  it('to a question does not stand for the beat that is due', () => {
    expect(beat(due('alive')).flight).toMatchObject({ kind: 'beat', why: 'due' });
  });
});

it('ends with "unavailable" for as long as nobody has answered', () => {
  const asked = asks(activeState(), DUE, 'activity', { activityAge: 0 });
  expect(begins(asked, DUE).outcome).toBe('unavailable');
  const held = { ...asked, state: { ...asked.state, attemptedAt: DUE } };
  expect(begins(held, DUE)).toMatchObject({ skipped: 'rate', outcome: 'unavailable' });
});
