import fc from 'fast-check';
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
  failed,
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
import type { Ask } from '../protocol.js';
import { holdBack } from './backoff.js';
import type { Answer } from './events.js';
import { dueAt } from './schedule.js';

/** A due beat that is answered like this after a second. */
function beaten(answer: Answer, random = 0, ask: Partial<Ask> = {}) {
  const { state, flight } = sends(activeState(), DUE, 'activity', { activityAge: 0, ...ask });
  return answers(state, flight, DUE + SECOND, answer, random);
}
const NOW = DUE + SECOND;

describe('what says nothing about the session (rule 6)', () => {
  it.each<[string, Answer]>([
    ['no network', NO_NETWORK],
    ['a time-out', failed('timeout')],
    ['a 500', failed('http-500')],
    ['a redirect', failed('redirect')],
    ['a captive portal', failed('html')],
    ['a 503', later()],
    ['a 429 with Retry-After', later(30_000)],
  ])('%s ends nothing, confirms nothing and keeps the beat due', (_, answer) => {
    const step = beaten(answer);
    expect(step.state).toMatchObject({ status: 'active', epoch: { n: 1 }, lastBeatAt: T0, reportedActivityAt: T0 });
    expect(dueAt(step.state)).toBeLessThanOrEqual(NOW);
    expect(outcomeOf(step)).toBe('unavailable');
  });

  it('is "offline" only where the network failed and the page said so before', () => {
    expect(outcomeOf(beaten(NO_NETWORK, 0, { online: false }))).toBe('offline');
    expect(outcomeOf(beaten(later(), 0, { online: false }))).toBe('unavailable');
  });

  it('is tried again, when the pace allows, only for a user who is there', () => {
    const { state } = beaten(NO_NETWORK);
    const until = NOW + 5 * SECOND;
    expect(skipped(asks(state, until - 1, 'activity', { activityAge: 0 }))).toBe('back-off');
    expect(attempted(asks(state, until, 'activity', { activityAge: 0 }))).toBe('due');
    expect(skipped(asks(state, until + 3 * MINUTE, 'activity', { activityAge: 3 * MINUTE }))).toBe('no-activity');
  });

  it('does not need an onLine that is true: one attempt per step instead of none', () => {
    expect(attempted(asks(activeState(), DUE, 'activity', { activityAge: 0, online: false }))).toBe('due');
  });

  it('records the activity of a 503 that names the session and what it has left', () => {
    const { state } = beaten(later(0, { sessionId: 'a', idleExpiresIn: 900 }));
    expect(state).toMatchObject({
      reportedActivityAt: DUE,
      facts: { idleExpiresIn: 900 },
      factsAt: DUE,
      lastBeatAt: T0,
    });
    const other = beaten(later(0, { sessionId: 'b', idleExpiresIn: 900 }));
    expect(other.state).toMatchObject({ reportedActivityAt: T0, facts: {}, factsAt: 0 });
    // Named by one that failed before it could record anything, or refused to.
    expect(beaten(later(0, { sessionId: 'a' })).state).toMatchObject({ reportedActivityAt: T0, facts: {} });
  });
});

describe('our own pace', () => {
  const span = (failures: number, random: number) => holdBack(activeState({ failures }), NO_NETWORK, T0, random).span;

  it('grows from 5 s up to half of the interval, half of it by chance', () => {
    const seconds = (n: number) => +(span(n, 0.5) / SECOND).toFixed(1);
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(seconds)).toEqual([5, 6, 9.6, 15.4, 24.6, 39.3, 62.9, 100.7, 112.5]);
    expect(span(4, 0)).toBeCloseTo(16_384);
    expect(span(40, 0)).toBe(75_000);
    expect(span(4_000, 0.999_999)).toBeLessThanOrEqual(150_000);
  });

  it('is never under minInterval and never over half of the interval', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (failures, random) => {
        expect(span(failures, random)).toBeGreaterThanOrEqual(5 * SECOND);
        expect(span(failures, random)).toBeLessThanOrEqual(150_000);
      }),
    );
  });

  it('is half of the time between two beats of this session, where that is shorter than the interval', () => {
    const often = activeState({ failures: 40, facts: { nextBeatIn: 60 }, factsAt: T0 });
    expect(holdBack(often, NO_NETWORK, T0, 0.999_999).span).toBeCloseTo(30_000, -1);
  });

  it('grows with each failure and starts anew after an answer', () => {
    let { state } = beaten(NO_NETWORK, 0.5);
    expect(state).toMatchObject({ failures: 1, notBefore: { at: NOW, span: 5 * SECOND, order: 0 } });
    const again = sends(state, NOW + MINUTE, 'activity', { activityAge: 0 });
    state = answers(again.state, again.flight, NOW + MINUTE, NO_NETWORK, 0.5).state;
    expect(state).toMatchObject({ failures: 2, notBefore: { at: NOW + MINUTE, span: 6_000 } });
    const third = sends(state, NOW + 2 * MINUTE, 'activity', { activityAge: 0 });
    expect(answers(third.state, third.flight, NOW + 2 * MINUTE, alive()).state).toMatchObject({
      failures: 0,
      notBefore: { at: 0 },
    });
  });

  it('is passed by extend(), and by nothing else', () => {
    const { state } = beaten(NO_NETWORK);
    expect(attempted(asks(state, NOW + 1, 'extend'))).toBe('extend');
    expect(skipped(asks(state, NOW + 1, 'online', {}, { random: 0.5 }))).toBe('back-off');
    expect(skipped(asks(state, NOW + 1, 'visible'))).toBe('back-off');
    expect(skipped(asks(state, NOW + 1, 'check'))).toBe('back-off');
  });

  it('is passed by extend() once: what it did not get is asked for at our pace', () => {
    const { state, flight } = sends(buildState(), T0, 'extend');
    const failed = answers(state, flight, T0 + 1, NO_NETWORK).state;
    expect(skipped(asks(failed, T0 + SECOND, 'activity', { activityAge: 0 }))).toBe('back-off');
    expect(attempted(asks(failed, T0 + SECOND, 'extend'))).toBe('extend');
  });
});

describe('Retry-After', () => {
  it('is a floor, plus up to half of itself', () => {
    expect(beaten(later(60_000), 0).state.notBefore).toEqual({ at: NOW, span: 60_000, order: MINUTE });
    expect(beaten(later(60_000), 0.999_999).state.notBefore.span).toBeCloseTo(90_000, -1);
  });

  it('leaves more room above it with each failure, up to the interval: a whole outage does not come back as one', () => {
    const held = (failures: number) => {
      const { state, flight } = beat(activeState({ failures }));
      return answers(state, flight, NOW, later(30_000), 0.5).state.notBefore.span / SECOND;
    };
    expect([0, 2, 3, 4, 5, 6, 20].map((n) => +held(n).toFixed(1))).toEqual([37.5, 42.8, 50.5, 62.8, 82.4, 113.9, 180]);
  });

  it('holds extend() back itself, not the room above it', () => {
    const { state, flight } = beat(activeState({ failures: 20 }));
    const { state: held } = answers(state, flight, NOW, later(30_000), 0.5);
    expect(skipped(asks(held, NOW + 37_499, 'extend'))).toBe('retry-after');
    expect(attempted(asks(held, NOW + 37_500, 'extend'))).toBe('extend');
    expect(skipped(asks(held, NOW + 179_999, 'activity', { activityAge: 0 }))).toBe('retry-after');
  });

  it('is obeyed for 15 minutes at most', () => {
    expect(beaten(later(86_400_000), 0.7).state.notBefore.span).toBe(15 * MINUTE);
    expect(beaten(later(14 * MINUTE), 0.9).state.notBefore.span).toBe(15 * MINUTE);
  });

  it('is obeyed for half of the idle limit at most: a longer wait would end the session of a user who is there', () => {
    const limited = activeState({ facts: { idleTimeout: 600 }, factsAt: T0 });
    const { state, flight } = sends(limited, DUE, 'activity', { activityAge: 0 });
    const spans = [0, 0.999_999].map(
      (random) => answers(state, flight, DUE + 1, later(60 * MINUTE), random).state.notBefore.span,
    );
    expect(spans).toEqual([5 * MINUTE, 5 * MINUTE]);
  });

  it('of nought is still not sooner than minInterval', () => {
    expect(beaten(later(0)).state.notBefore.span).toBe(5 * SECOND);
  });

  it("is obeyed by every ask, extend() and the network's return among them", () => {
    const { state } = beaten(later(60_000));
    for (const kind of ['activity', 'online', 'extend', 'signed-in', 'unauthorized', 'check', 'visible'] as const) {
      expect(skipped(asks(state, NOW + 60_000 - 1, kind, { activityAge: 0 }))).toBe('retry-after');
      expect(attempted(asks(state, NOW + 60_000, kind, { activityAge: 0 }))).not.toBeNull();
    }
  });

  it('is obeyed even where the answer came too late to count otherwise', () => {
    const { state, flight } = beat();
    const signedIn = asks(state, DUE + 1, 'signed-in', { seen: 'b' }).state;
    const step = answers(signedIn, flight, DUE + 2, later(60_000));
    expect(step.state.notBefore).toMatchObject({ at: DUE + 2, span: 60_000, order: MINUTE });
    expect(step.state.failures).toBe(0);
  });
});

describe('tabs whose network returns at once', () => {
  it('make one attempt, though it fails', () => {
    const first = asks(beaten(NO_NETWORK).state, NOW + 10, 'online', { activityAge: 0 });
    const second = asks(first.state, NOW + 10, 'online', { tab: 'tab-2', activityAge: 0 });
    const { state, flight } = sent(begins({ ...first, state: second.state }, NOW + 11));
    const failed = answers(state, flight, NOW + 12, NO_NETWORK);
    const joined = begins({ ...second, state: failed.state }, NOW + 12);
    expect(skipped(joined)).toBe('joined');
    expect(outcomeOf(joined)).toBe('unavailable');
    expect(attempted(asks(joined.state, NOW + 12 + 5 * SECOND, 'online', { activityAge: 0 }))).toBe('due');
  });
});
