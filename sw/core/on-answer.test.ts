import { describe, expect, it } from 'vitest';
import { END_REASONS } from '../../server/contract.js';
import {
  activeState,
  alive,
  answers,
  asks,
  attempted,
  begins,
  buildState,
  dueFrom,
  expiredState,
  later,
  MINUTE,
  NO_NETWORK,
  outcomeOf,
  over,
  SECOND,
  sends,
  sent,
  skipped,
  T0,
} from '../model/build-state.js';
import type { Answer } from './events.js';
import { NEW_SESSION, type State } from './state.js';
import { NOTHING_WANTED } from './wanted.js';

const DUE = T0 + 5 * MINUTE;
const NOW = DUE + SECOND;
const beat = (state: State = activeState()) => sends(state, DUE, 'activity', { activityAge: 0 });

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

describe('an answer that comes too late', () => {
  it.each([
    ['a 200', alive()],
    ['a 401', over('revoked', 'a')],
    ['a failure', NO_NETWORK],
  ])('%s of an earlier epoch changes nothing', (_, answer) => {
    const { state, flight } = beat();
    const moved: State = { ...state, ...expiredState() };
    const step = answers(moved, flight, NOW, answer);
    expect(step.state).toEqual({ ...moved });
    expect(step.stale).toBe(true);
  });

  it('a 200 for the session that ended here revives nothing', () => {
    const { state, flight } = beat();
    const signedOut = asks(state, DUE + 1, 'signed-out').state;
    expect(answers(signedOut, flight, NOW, alive({ sessionId: 'a' })).state).toMatchObject({
      status: 'signed-out',
      sessionId: null,
    });
  });

  it('of a page that saw another session says nothing, and what it sees now is asked at once', () => {
    const { state, flight } = beat();
    const changed = asks(state, DUE + 1, 'visible', { seen: 'b' }).state;
    const step = answers(changed, flight, NOW, over('revoked', 'a'));
    expect(step.state).toMatchObject({ status: 'active', sessionId: 'a' });
    expect(attempted(step)).toBe('changed');
  });

  it('that left before signedIn() says nothing, and the next request follows under the same lock', () => {
    const { state, flight } = beat(activeState({ seen: undefined }));
    const signedIn = asks(state, DUE + 1, 'signed-in').state;
    const step = answers(signedIn, flight, NOW, over('revoked'));
    expect(step.state.status).toBe('active');
    expect(attempted(step)).toBe('signed-in');
  });

  it('of before another session was found says nothing, though no lock kept the two requests apart', () => {
    const first = beat();
    const second = sends(first.state, DUE + 1, 'extend');
    const { state } = answers(second.state, first.flight, NOW, alive({ sessionId: 'b' }));
    expect(answers(state, second.flight, NOW, over('revoked', 'b'))).toMatchObject({
      stale: true,
      state: { sessionId: 'b' },
    });
  });

  it('of before signedIn() says nothing, though another request has left since', () => {
    const { state, flight } = beat(activeState({ seen: undefined }));
    const second = sends(asks(state, DUE + 1, 'signed-in').state, DUE + 2, 'activity');
    expect(answers(second.state, flight, NOW, over('revoked'))).toMatchObject({
      stale: true,
      state: { status: 'active' },
    });
    expect(answers(second.state, second.flight, NOW, over('revoked')).state.status).toBe('expired');
  });

  it('of another storage says nothing', () => {
    const { flight } = beat();
    const rebuilt = buildState({ epoch: { store: 'store-2', n: 1 }, seen: 'a' });
    expect(answers(rebuilt, flight, NOW, alive()).state.status).toBe('unknown');
  });

  it('answers what was asked before it left, not what was asked while it was on its way', () => {
    const { state, flight } = sends(activeState(), T0 + 1, 'extend');
    expect(answers(state, flight, T0 + 2, alive()).state.wanted).toEqual(NOTHING_WANTED);
    const asked = asks(state, T0 + 2, 'unauthorized').state;
    const step = answers(asked, flight, T0 + 3, alive());
    expect(attempted(step)).toBe('extend');
  });
});

describe('an answer that counts', () => {
  it.each(['a', undefined])('comes while a page asks that sees %s, as before', (seen) => {
    const { state, flight } = beat();
    const step = answers(asks(state, DUE + 1, 'visible', { seen }).state, flight, NOW, alive());
    expect(step).toMatchObject({ stale: false, outcome: 'alive' });
  });

  it('comes though a second request has left meanwhile, where no lock keeps them apart', () => {
    const first = beat();
    const second = sends(first.state, DUE + 1, 'extend');
    const { state, outcome } = answers(second.state, first.flight, NOW, alive());
    expect([outcome, answers(state, second.flight, NOW + 1, alive()).outcome]).toEqual(['alive', 'alive']);
  });
});

describe('a 200', () => {
  it('confirms the beat and what it reported', () => {
    const { state, flight } = beat();
    const step = answers(state, flight, NOW, alive({ user: 'u' }));
    expect(step.state).toMatchObject({
      lastBeatAt: DUE,
      reportedActivityAt: DUE,
      due: { at: DUE, span: 5 * MINUTE },
      wanted: NOTHING_WANTED,
    });
    expect(step.state.epoch.n).toBe(1);
    expect(outcomeOf(step)).toBe('alive');
  });

  it('under another sessionId is a new epoch, with its user (rule 7)', () => {
    const { state, flight } = beat();
    const other = answers(state, flight, NOW, alive({ sessionId: 'b', user: 'v' }));
    expect(other.state).toMatchObject({ sessionId: 'b', user: 'v', epoch: { n: 2 } });
    const same = answers(state, flight, NOW, alive({ sessionId: 'b', user: 'u' }));
    expect(same.state).toMatchObject({ sessionId: 'b', user: 'u', epoch: { n: 2 } });
    const unnamed = answers(state, flight, NOW, alive({ sessionId: 'b' }));
    expect(unnamed.state.user).toBeNull();
  });

  it('of a session after the end is a new epoch', () => {
    const { state, flight } = sends(expiredState(), T0, 'signed-in', { seen: 'b' });
    const step = answers(state, flight, T0 + 1, alive({ sessionId: 'b', user: 'u' }));
    expect(step.state).toMatchObject({ status: 'active', reason: null, sessionId: 'b', epoch: { n: 3 } });
    expect(step.state.endedSessionId).toBe('a');
  });

  it('of a server that names no session takes the name that the page sees', () => {
    const unnamed: Answer = { kind: 'alive', code: 'ok', facts: {}, retryAfter: 0 };
    const { state, flight } = sends(buildState(), T0, 'hello', { seen: 'b' });
    expect(answers(state, flight, T0 + 1, unnamed).state).toMatchObject({ status: 'active', sessionId: 'b' });
    const known = beat(activeState({ seen: undefined }));
    expect(answers(known.state, known.flight, NOW, unnamed).state).toMatchObject({ sessionId: 'a', epoch: { n: 1 } });
  });

  it('says all that is known: a limit that it does not repeat is not known any more', () => {
    const { state, flight } = beat(activeState({ facts: { idleExpiresIn: 600, absoluteExpiresIn: 900 }, factsAt: T0 }));
    const step = answers(state, flight, NOW, alive({ absoluteExpiresIn: 300 }));
    expect(step.state).toMatchObject({ facts: { sessionId: 'a', absoluteExpiresIn: 300 }, factsAt: DUE });
    expect(step.state.facts).not.toHaveProperty('idleExpiresIn');
  });

  it('of a session that begins says when its first beat is due, though it reported nobody', () => {
    const { state, flight } = sends(buildState(), T0, 'hello');
    expect(flight.activity).toBe('none');
    expect(answers(state, flight, T0 + 1, alive()).state.due).toEqual({ at: T0, span: 5 * MINUTE });
  });

  it('to a beat that reported nobody moves no due beat', () => {
    const { state, flight } = sends(activeState(), T0 + MINUTE, 'unauthorized');
    const step = answers(state, flight, T0 + MINUTE, alive());
    expect(step.state).toMatchObject({ due: dueFrom(DUE), lastBeatAt: T0 + MINUTE, reportedActivityAt: T0 });
  });
});

describe('no answer to what was asked', () => {
  it('keeps what must be known until a user is there: who is signed in', () => {
    for (const kind of ['signed-in', 'extend'] as const) {
      const { state, flight } = sends(buildState(), T0, kind);
      expect(answers(state, flight, T0 + 1, NO_NETWORK).state.wanted).toMatchObject({ why: kind, tried: true });
    }
    const changed = sends(activeState(), T0 + 1, 'visible', { seen: 'b' });
    expect(answers(changed.state, changed.flight, T0 + 2, NO_NETWORK).state.wanted).toMatchObject({
      why: 'changed',
      tried: true,
    });
  });

  it('forgets what the next beat of an active session answers as well, which is due now', () => {
    for (const kind of ['extend', 'unauthorized', 'check'] as const) {
      const { state, flight } = sends(activeState(), T0 + 1, kind);
      expect(answers(state, flight, T0 + 2, later()).state).toMatchObject({
        wanted: NOTHING_WANTED,
        due: { at: T0 + 2, span: 0 },
      });
    }
  });

  it('leaves alone what was asked after the request had left', () => {
    const { state, flight } = sends(activeState(), T0 + 1, 'unauthorized');
    const asked = asks(state, T0 + 2, 'extend').state;
    const step = answers(asked, flight, T0 + 3, NO_NETWORK);
    expect(step.state.wanted).toMatchObject({ why: 'extend', tried: false });
    expect(attempted(step)).toBe('extend');
  });
});

describe('two tabs that ask at once', () => {
  it('share one request, and both learn how it ended', () => {
    const first = asks(activeState(), T0 + 1, 'extend');
    const second = asks(first.state, T0 + 1, 'extend', { tab: 'tab-2' });
    const { state, flight } = sent(begins({ ...first, state: second.state }, T0 + 2));
    const judged = answers(state, flight, T0 + 3, alive());
    const joined = begins({ ...second, state: judged.state }, T0 + 4);
    expect(skipped(joined)).toBe('joined');
    expect(outcomeOf(joined)).toBe('alive');
  });

  it('share a failure: the second does not try again at once', () => {
    const first = asks(buildState(), T0 + 1, 'extend');
    const second = asks(first.state, T0 + 1, 'extend', { tab: 'tab-2' });
    const { state, flight } = sent(begins({ ...first, state: second.state }, T0 + 2));
    const judged = answers(state, flight, T0 + 3, NO_NETWORK);
    expect(skipped(begins({ ...second, state: judged.state }, T0 + 4))).toBe('joined');
  });
});

describe('a 200 of a server that names no session', () => {
  const nameless = alive({ sessionId: null });

  it('is a new epoch where nothing was known before', () => {
    const { state, flight } = sends(buildState(), T0, 'hello');
    expect(answers(state, flight, T0 + 1, nameless).state).toMatchObject({
      status: 'active',
      sessionId: null,
      epoch: { n: 1 },
    });
  });

  it('is another session where the page sees another one', () => {
    const { state, flight } = sends(activeState(), T0 + 1, 'hello', { seen: 'b' });
    expect(answers(state, flight, T0 + 2, nameless).state).toMatchObject({ sessionId: 'b', epoch: { n: 2 } });
  });

  it('keeps the session where no page sees any', () => {
    const { state, flight } = beat(activeState({ seen: undefined }));
    expect(answers(state, flight, NOW, nameless).state).toMatchObject({ sessionId: 'a', epoch: { n: 1 } });
  });
});

it('a page that sees what the server says is not refuted', () => {
  const { state, flight } = beat();
  expect(answers(state, flight, NOW, alive()).state.refutedSeen).toBeNull();
});

it.each(['signed-in', 'again', 'changed'] as const)(
  '%s stays wanted without an answer, and is not repeated at once',
  (why) => {
    const wanted = { why, at: DUE - 1, tried: false } as const;
    const { state, flight } = beat(activeState({ wanted }));
    const step = answers(state, flight, NOW, NO_NETWORK);
    expect(step.state.wanted).toEqual({ ...wanted, tried: true });
    expect(step.attempt).toBe(false);
  },
);

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
