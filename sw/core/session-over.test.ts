import { describe, expect, it } from 'vitest';
import { END_REASONS } from '../../server/contract.js';
import {
  activeState,
  answers,
  asks,
  attempted,
  beat,
  begins,
  buildState,
  DUE,
  expiredState,
  MINUTE,
  outcomeOf,
  over,
  SECOND,
  sends,
  sent,
  T0,
} from '../model/build-state.js';
import { NEW_SESSION } from './state.js';
import { NOTHING_WANTED } from './why.js';

const NOW = DUE + SECOND;

describe('a 401 (rule 5)', () => {
  it.each(END_REASONS.filter((reason) => reason !== 'no_session'))('with %s expires the session', (reason) => {
    const { state, flight } = beat();
    const step = answers(state, flight, NOW, over(reason, 'a'));
    expect(step.state).toMatchObject({
      status: 'expired',
      reason,
      epoch: { n: 2 },
      endedSessionId: 'a',
      sessionId: null,
    });
    expect(step.state).toMatchObject({ ...NEW_SESSION, wanted: NOTHING_WANTED });
    expect(outcomeOf(step)).toBe('ended');
  });

  it('without a reason expires the session', () => {
    const { state, flight } = beat();
    expect(answers(state, flight, NOW, over(null)).state).toMatchObject({ status: 'expired', reason: null });
  });

  it('with no_session signs out: told if the session was active', () => {
    const { state, flight } = beat();
    const step = answers(state, flight, NOW, over('no_session'));
    expect(step.state).toMatchObject({ status: 'signed-out', epoch: { n: 2 } });
  });

  it('with no_session is a quiet signed-out where nothing was known', () => {
    const { state, flight } = sends(buildState(), T0, 'hello');
    const step = answers(state, flight, T0 + 1, over('no_session'));
    expect(step.state).toMatchObject({ status: 'signed-out', reason: 'no_session', endedSessionId: null, user: null });
  });

  it('with no_session changes nothing about a session that has expired', () => {
    const { state, flight } = sends(expiredState(), T0, 'hello');
    const step = answers(state, flight, T0 + 1, over('no_session'));
    expect(step.state).toMatchObject({
      status: 'expired',
      reason: 'idle_timeout',
      epoch: { n: 2 },
      wanted: NOTHING_WANTED,
    });
  });

  it('is acted on once per epoch: a second one changes nothing', () => {
    const { state, flight } = sends(expiredState(), T0, 'extend');
    expect(answers(state, flight, T0 + 1, over('revoked', 'a')).state).toMatchObject({ epoch: { n: 2 } });
  });

  it('keeps the user, to tell later whether somebody else signs in', () => {
    const { state, flight } = beat();
    expect(answers(state, flight, NOW, over()).state.user).toBe('u');
  });

  it('leaves nothing that beats: no activity, no visible page, no network, no question', () => {
    const { state, flight } = beat();
    const { state: ended } = answers(state, flight, NOW, over('revoked', 'a'));
    for (const kind of ['activity', 'visible', 'online', 'touch', 'check', 'unauthorized', 'end', 'warning'] as const) {
      expect(attempted(asks(ended, NOW + 60 * MINUTE, kind, { seen: 'a', activityAge: 0 }))).toBeNull();
    }
  });

  it('ends the session that the page sees where the server names none', () => {
    const { state, flight } = sends(buildState(), T0, 'hello', { seen: 'z' });
    expect(answers(state, flight, T0 + 1, over('revoked')).state.endedSessionId).toBe('z');
  });
});

describe('a 401 that names another session than the current one', () => {
  it('ends nothing and beats again, once', () => {
    const { state, flight } = beat();
    const first = answers(state, flight, NOW, over('revoked', 'old'));
    expect(first.state).toMatchObject({ status: 'active', epoch: { n: 1 }, wanted: { why: 'again' } });
    expect(attempted(first)).toBe('again');
    const second = sent(begins(first, NOW));
    const judged = answers(second.state, second.flight, NOW + 1, over('revoked', 'old'));
    expect(judged.state.status).toBe('expired');
    expect(attempted(judged)).toBeNull();
  });

  it('is no end either while only the page knows the current session', () => {
    const { state, flight } = sends(buildState(), T0, 'hello', { seen: 'b' });
    expect(attempted(answers(state, flight, T0 + 1, over('revoked', 'old')))).toBe('again');
  });

  it('ends the session where it names the one that the page sees', () => {
    const { state, flight } = sends(activeState(), T0 + 1, 'activity', { seen: 'b' });
    expect(answers(state, flight, T0 + 2, over('revoked', 'b')).state.status).toBe('expired');
  });

  it('ends the session of a server that names none otherwise', () => {
    const { state, flight } = beat(activeState({ sessionId: null, seen: undefined }));
    expect(answers(state, flight, NOW, over('revoked', 'x')).state).toMatchObject({
      status: 'expired',
      endedSessionId: 'x',
    });
  });
});

it('a 401 of another session is no end for whoever asked', () => {
  const { state, flight } = beat();
  const step = answers(state, flight, NOW, over('revoked', 'other'));
  expect(step.outcome).toBe('unavailable');
  expect(step.attempt).toBe(true);
});

it('a 401 without a reason is acted on once', () => {
  const { state, flight } = sends(expiredState(), T0, 'hello');
  expect(answers(state, flight, T0 + 1, over(null)).state).toMatchObject({
    status: 'expired',
    reason: 'idle_timeout',
    epoch: { n: 2 },
  });
});
