import { describe, expect, it } from 'vitest';
import {
  activeState,
  alive,
  answers,
  asks,
  attempted,
  beat,
  buildState,
  DUE,
  expiredState,
  NO_NETWORK,
  over,
  SECOND,
  sends,
  T0,
} from '../model/build-state.js';
import type { State } from './state.js';
import { NOTHING_WANTED } from './why.js';

const NOW = DUE + SECOND;

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

describe('an engine that has stood still', () => {
  it.each([
    ['a 200', alive({ idleExpiresIn: 5 })],
    ['a 401', over('idle_timeout', 'a')],
    ['a failure', NO_NETWORK],
  ])('changes nothing by %s to a request before the one that was answered meanwhile', (_, answer) => {
    const first = beat();
    const second = sends(first.state, DUE + SECOND, 'extend');
    const { state } = answers(second.state, second.flight, DUE + 2 * SECOND, alive({ idleExpiresIn: 1_800 }));
    const step = answers(state, first.flight, DUE + 20 * SECOND, answer);
    expect(step).toMatchObject({ stale: true, state });
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
