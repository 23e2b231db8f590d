import { describe, expect, it } from 'vitest';
import {
  activeState,
  alive,
  answers,
  asks,
  attempted,
  buildState,
  DUE,
  endingAt,
  expiredState,
  MINUTE,
  outcomeOf,
  SECOND,
  sends,
  skipped,
  T0,
} from '../model/build-state.js';
import type { AskKind } from '../protocol.js';
import { ASKS } from '../protocol.js';
import { dueAt } from './schedule.js';
import { snapshotOf } from './snapshot.js';
import { NEW_SESSION } from './state.js';
import { wakeAt } from './wake-at.js';
import { NOTHING_WANTED } from './why.js';

describe('an ordinary beat (rule 1)', () => {
  it('goes out when it is due, the page is visible and its user was active since the last report', () => {
    expect(attempted(asks(activeState(), DUE, 'activity', { activityAge: 0 }))).toBe('due');
  });

  it('goes out at the very instant at which it is due, not a millisecond before', () => {
    const early = asks(activeState(), DUE - 1, 'activity', { activityAge: 0 });
    expect(skipped(early)).toBe('not-due');
    expect(wakeAt(early.state)).toBe(DUE);
  });

  it('counts activity that is exactly activeWindow old, and none that is older', () => {
    expect(attempted(asks(activeState(), DUE, 'activity', { activityAge: 2 * MINUTE }))).toBe('due');
    expect(skipped(asks(activeState(), DUE, 'activity', { activityAge: 2 * MINUTE + 1 }))).toBe('no-activity');
  });

  it('takes activeWindow from the latest hello', () => {
    const { settings } = activeState();
    const told = asks(activeState(), T0 + 1, 'hello', { seen: 'a', settings: { ...settings, activeWindow: 10_000 } });
    expect(skipped(asks(told.state, DUE, 'activity', { activityAge: 10_001 }))).toBe('no-activity');
    expect(attempted(asks(told.state, DUE, 'activity', { activityAge: 10_000 }))).toBe('due');
  });

  it('is not sent for activity that a beat has reported already', () => {
    const state = activeState({ lastActivityAt: DUE, reportedActivityAt: DUE });
    expect(skipped(asks(state, DUE + 1, 'activity', { activityAge: 1 }))).toBe('already-reported');
    expect(attempted(asks(state, DUE + 2 * SECOND, 'activity', { activityAge: 0 }))).toBe('due');
  });

  it('is not sent for activity that a beat has reported already, though the message took its time', () => {
    const state = activeState({ lastActivityAt: DUE, reportedActivityAt: DUE });
    expect(skipped(asks(state, DUE + 5 * SECOND, 'activity', { activityAge: 4_100 }))).toBe('already-reported');
  });

  it('is not sent for a hidden page, but for touch() from one', () => {
    expect(skipped(asks(activeState(), DUE, 'activity', { visible: false, activityAge: 0 }))).toBe('hidden');
    expect(attempted(asks(activeState(), DUE, 'touch', { visible: false, activityAge: 0 }))).toBe('due');
  });

  it('is not sent without a session', () => {
    expect(skipped(asks(expiredState(), DUE, 'activity', { activityAge: 0 }))).toBe('over');
    expect(skipped(asks(buildState(), DUE, 'activity', { activityAge: 0 }))).toBe('over');
    const out = buildState({ status: 'signed-out' });
    expect(skipped(asks(out, DUE, 'activity', { activityAge: 0 }))).toBe('signed-out');
  });

  it('knows activity of any tab: the latest counts, whoever pings', () => {
    const heard = asks(activeState(), DUE - SECOND, 'activity', { activityAge: 0 });
    const other = asks(heard.state, DUE, 'activity', { tab: 'tab-2', activityAge: 5 * MINUTE });
    expect(attempted(other)).toBe('due');
    expect(other.state.lastActivityAt).toBe(DUE - SECOND);
  });
});

describe('nobody there (rule 3)', () => {
  it('keeps the beat due for as long as it takes', () => {
    const later = DUE + 600 * MINUTE;
    const skip = asks(activeState(), later, 'activity', { activityAge: 500 * MINUTE });
    expect(dueAt(skip.state)).toBe(DUE);
    expect(attempted(asks(skip.state, later + 1, 'activity', { activityAge: 0 }))).toBe('due');
  });

  it('takes the return to a tab for activity of then, not of when it is told', () => {
    expect(attempted(asks(activeState(), DUE, 'visible', { activityAge: 2 * MINUTE }))).toBe('due');
    expect(skipped(asks(activeState(), DUE, 'visible', { activityAge: 2 * MINUTE + 1 }))).toBe('no-activity');
    expect(skipped(asks(activeState(), DUE, 'visible', { visible: false, activityAge: 0 }))).toBe('hidden');
  });

  it('does not take the return of the network as activity', () => {
    expect(skipped(asks(activeState(), DUE, 'online'))).toBe('no-activity');
  });
});

describe('what beats at once (rule 1)', () => {
  it.each<[AskKind, string]>([
    ['extend', 'extend'],
    ['signed-in', 'signed-in'],
    ['unauthorized', 'unauthorized'],
    ['check', 'check'],
  ])('%s, long before a beat is due', (kind, why) => {
    expect(attempted(asks(activeState(), T0 + 1, kind))).toBe(why);
  });

  it.each<AskKind>(['extend', 'signed-in'])('%s in any status', (kind) => {
    for (const state of [buildState(), expiredState(), buildState({ status: 'signed-out' })]) {
      expect(attempted(asks(state, T0, kind))).toBe(kind);
    }
  });

  it('a hello while nothing is known, or after the end, unless the page sees that nobody is signed in', () => {
    for (const status of ['unknown', 'expired', 'signed-out'] as const) {
      expect(attempted(asks(buildState({ status }), T0, 'hello'))).toBe('hello');
      expect(attempted(asks(buildState({ status }), T0, 'hello', { seen: null }))).toBeNull();
    }
    expect(attempted(asks(activeState(), T0 + 1, 'hello', { seen: 'a' }))).toBeNull();
  });

  it.each(ASKS.filter((kind) => kind !== 'signed-out'))('another session than the stored one, seen with %s', (kind) => {
    const step = asks(activeState(), T0 + 1, kind, { seen: 'b', visible: false });
    expect(attempted(step)).not.toBeNull();
    expect(step.state.seen).toBe('b');
  });

  it.each(['a', undefined])('no activity of a page that sees %s', (seen) => {
    expect(attempted(asks(activeState(), T0 + 1, 'activity', { seen, activityAge: 0 }))).toBeNull();
  });

  it('not the session that ended, still in the cookie of a page, but for a hello', () => {
    expect(skipped(asks(expiredState(), T0, 'activity', { seen: 'a', activityAge: 0 }))).toBe('over');
    expect(attempted(asks(expiredState(), T0, 'hello', { seen: 'a' }))).toBe('hello');
    expect(attempted(asks(expiredState(), T0, 'activity', { seen: 'b', activityAge: 0 }))).toBe('changed');
  });

  it('not what the server has contradicted: a refuted session triggers nothing again', () => {
    const { state, flight } = sends(activeState(), T0 + 1, 'activity', { seen: 'b' });
    const judged = answers(state, flight, T0 + 2, alive({ sessionId: 'a' }));
    expect(judged.state.refutedSeen).toBe('b');
    for (const kind of ['activity', 'visible', 'hello'] as const) {
      expect(attempted(asks(judged.state, T0 + 60_000, kind, { seen: 'b', activityAge: 0 }))).toBeNull();
    }
    expect(attempted(asks(judged.state, T0 + 60_000, 'activity', { seen: 'c' }))).toBe('changed');
  });

  it('after signedIn() what was refuted before may trigger again', () => {
    const signedIn = asks(activeState({ refutedSeen: 'b' }), T0 + 1, 'signed-in');
    expect(signedIn.state.refutedSeen).toBeNull();
  });

  it.each<AskKind>(['unauthorized', 'check'])('%s() while nothing is known', (kind) => {
    expect(attempted(asks(buildState(), T0, kind))).toBe(kind);
  });

  it('neither unauthorized() nor check() of a session that is over', () => {
    for (const kind of ['unauthorized', 'check'] as const) {
      const step = asks(expiredState(), T0, kind);
      expect(skipped(step)).toBe('over');
      expect(outcomeOf(step)).toBe('ended');
    }
  });
});

describe('what is wanted', () => {
  it('is saved before anything leaves', () => {
    const step = asks(activeState(), T0 + 7, 'extend');
    expect(step.state.wanted).toEqual({ why: 'extend', at: T0 + 7, tried: false });
    expect(snapshotOf(step.state, true, T0)).toMatchObject({ wanted: { tried: false }, wakeAt: T0 + 7 });
  });

  it('stays the stronger of two asks, to be answered by a request that leaves after both', () => {
    const first = asks(activeState(), T0 + 1, 'extend');
    const second = asks(first.state, T0 + 2, 'check');
    expect(second.state.wanted).toMatchObject({ why: 'extend', at: T0 + 2 });
    const third = asks(second.state, T0 + 3, 'signed-in');
    expect(third.state.wanted).toMatchObject({ why: 'signed-in', at: T0 + 3 });
  });

  it('goes out with the next ask of any page after a kill', () => {
    const killed = asks(activeState(), T0 + 1, 'unauthorized').state;
    expect(attempted(asks(killed, T0 + 2, 'visible', { visible: false, tab: 'tab-2' }))).toBe('unauthorized');
  });

  it('waits for a user who is there once it was tried without an answer', () => {
    const state = buildState({
      wanted: { why: 'hello', at: T0, tried: true },
      lastActivityAt: T0 - 10 * MINUTE,
    });
    expect(attempted(asks(state, T0, 'visible', { visible: false }))).toBeNull();
    expect(attempted(asks(state, T0, 'activity', { activityAge: 2 * MINUTE + 1 }))).toBeNull();
    expect(attempted(asks(state, T0, 'activity', { activityAge: 2 * MINUTE }))).toBe('hello');
  });
});

describe('seen as signed out', () => {
  it('signs out without any request, and tells', () => {
    const step = asks(activeState(), T0 + 1, 'visible', { seen: null });
    expect(step.state).toMatchObject({
      status: 'signed-out',
      endedSessionId: 'a',
      sessionId: null,
      wanted: NOTHING_WANTED,
    });
    expect(step.state.epoch.n).toBe(2);
    expect(attempted(step)).toBeNull();
  });

  it('does not hold signedIn() back: the cookie may come with the answer', () => {
    expect(attempted(asks(activeState(), T0 + 1, 'signed-in', { seen: null }))).toBe('signed-in');
  });

  it('changes nothing about a session that has expired', () => {
    const step = asks(expiredState(), T0, 'visible', { seen: null });
    expect(step.state).toMatchObject({ status: 'expired', reason: 'idle_timeout', epoch: { n: 2 } });
    expect(outcomeOf(step)).toBe('ended');
  });
});

describe('signedOut()', () => {
  it('ends the session, and makes an expired one a signed-out one', () => {
    expect(asks(activeState(), T0 + 1, 'signed-out').state.status).toBe('signed-out');
    const fromUnknown = asks(buildState(), T0 + 1, 'signed-out', { seen: 'a' }).state;
    // The readable cookie is still there while the logout is on its way.
    expect(skipped(asks(fromUnknown, T0 + 2, 'activity', { seen: 'a', activityAge: 0 }))).toBe('signed-out');
    const fromExpired = asks(expiredState(), T0 + 1, 'signed-out');
    expect(fromExpired.state).toMatchObject({ status: 'signed-out', epoch: { n: 3 } });
  });

  it('twice is told once', () => {
    const once = asks(activeState(), T0 + 1, 'signed-out');
    const twice = asks(once.state, T0 + 2, 'signed-out');
    expect(twice.state.epoch).toEqual(once.state.epoch);
  });

  it('forgets what was wanted, and every instant of the session', () => {
    const wanted = asks(activeState(endingAt(DUE)), T0 + 1, 'extend').state;
    expect(asks(wanted, T0 + 2, 'signed-out').state).toMatchObject({
      wanted: NOTHING_WANTED,
      ...NEW_SESSION,
    });
  });

  it('voids an answer that was on its way, even where no page can see who is signed in', () => {
    const start = buildState({ status: 'signed-out', epoch: { store: 'store-1', n: 2 } });
    const { state, flight } = sends(start, T0, 'hello');
    const signedOut = asks(state, T0 + 1, 'signed-out').state;
    expect(answers(signedOut, flight, T0 + 2, alive()).state.status).toBe('signed-out');
  });
});

describe('how an ask ends that needs no request', () => {
  it('is what is known: alive, over, or nothing yet', () => {
    expect(outcomeOf(asks(activeState(), T0 + 1, 'hello', { seen: 'a' }))).toBe('alive');
    expect(outcomeOf(asks(expiredState(), T0 + 1, 'activity'))).toBe('ended');
    expect(outcomeOf(asks(buildState(), T0 + 1, 'activity'))).toBe('unavailable');
  });

  it('is what the answer of that very instant said', () => {
    const state = activeState({ answered: { at: T0 + 1, sentAt: T0, outcome: 'offline', code: 'network' } });
    expect(outcomeOf(asks(state, T0 + 1, 'hello', { seen: 'a' }))).toBe('offline');
    expect(outcomeOf(asks(state, T0 + 2, 'hello', { seen: 'a' }))).toBe('alive');
  });

  it('is told with the reason: a sign-out needs none', () => {
    expect(skipped(asks(activeState(), T0 + 1, 'signed-out'))).toBe('signed-out');
  });
});
