import { describe, expect, it } from 'vitest';
import {
  activeState,
  alive,
  answers,
  asks,
  attempted,
  beat,
  begins,
  buildState,
  DUE,
  dueFrom,
  expiredState,
  later,
  MINUTE,
  NO_NETWORK,
  outcomeOf,
  SECOND,
  sends,
  sent,
  skipped,
  T0,
} from '../model/build-state.js';
import type { Answer } from './events.js';
import { NOTHING_WANTED } from './why.js';

const NOW = DUE + SECOND;

/** A 200 of a server that names no session. */
const unnamed = (facts: Answer['facts'] = {}): Answer => ({ ...alive(), facts });

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

  it('for another user is a new epoch, though the server names no session', () => {
    const unseen = activeState({ sessionId: null, user: 'u', seen: undefined });
    const { state, flight } = sends(unseen, T0, 'check', { seen: undefined });
    expect(answers(state, flight, NOW, unnamed({ user: 'v' })).state).toMatchObject({ user: 'v', epoch: { n: 2 } });
    expect(answers(state, flight, NOW, unnamed({ user: 'u' })).state).toMatchObject({ user: 'u', epoch: { n: 1 } });
    expect(answers(state, flight, NOW, unnamed()).state).toMatchObject({ user: 'u', epoch: { n: 1 } });
  });

  it('of a server that names nothing is another session if the application has signed in', () => {
    const unseen = activeState({ sessionId: null, user: null, seen: undefined });
    const { state, flight } = sends(unseen, T0, 'signed-in', { seen: undefined });
    expect(answers(state, flight, T0 + 1, unnamed()).state).toMatchObject({ user: null, epoch: { n: 2 } });
    expect(answers(state, flight, T0 + 1, unnamed({ user: 'u' })).state).toMatchObject({ user: 'u', epoch: { n: 1 } });
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
  it('after a login are told by one request whose session they see, though the second asks while it is on its way', () => {
    const first = sends(buildState(), T0, 'hello', { seen: 'a' });
    const second = asks(first.state, T0 + 1, 'hello', { tab: 'tab-2', seen: 'a' });
    expect(attempted(second)).toBe('changed');
    const judged = answers(second.state, first.flight, T0 + 2, alive({ sessionId: 'a' }));
    expect(judged.state.wanted).toEqual(NOTHING_WANTED);
    const joined = begins({ ...second, state: judged.state }, T0 + 3);
    expect(skipped(joined)).toBe('joined');
    expect(outcomeOf(joined)).toBe('alive');
  });

  it('after a login try again where nobody could say whose session they see', () => {
    const first = sends(buildState(), T0, 'hello', { seen: 'a' });
    const second = asks(first.state, T0 + 1, 'hello', { tab: 'tab-2', seen: 'a' });
    expect(attempted(answers(second.state, first.flight, T0 + 2, NO_NETWORK))).toBe('changed');
  });

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
