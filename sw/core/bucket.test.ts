import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeState, asks, attempted, begins, SECOND, sends, skipped, T0 } from '../model/build-state.js';
import { BURST, bucketFreeAt, chargeBucket } from './bucket.js';
import { wakeAt } from './wake-at.js';

describe('the bucket (rule 8)', () => {
  it('lets three attempts through at once and then one per minInterval', () => {
    let state = activeState();
    for (let n = 0; n < BURST; n += 1) state = sends(state, T0 + 1, 'unauthorized').state;
    const refused = asks(state, T0 + 1, 'unauthorized');
    expect(skipped(refused)).toBe('rate');
    expect(wakeAt(refused.state)).toBe(T0 + 1 + 5 * SECOND);
    expect(skipped(asks(state, T0 + 5 * SECOND, 'unauthorized'))).toBe('rate');
    const { state: fourth } = sends(state, T0 + 1 + 5 * SECOND, 'unauthorized');
    expect(skipped(asks(fourth, T0 + 1 + 5 * SECOND, 'unauthorized'))).toBe('rate');
    expect(attempted(asks(fourth, T0 + 1 + 10 * SECOND, 'unauthorized'))).toBe('unauthorized');
  });

  it('is charged when the request leaves, not when it is answered: a kill does not make it free', () => {
    const step = asks(activeState(), T0 + 1, 'extend');
    expect(step.state.attemptedAt).toBe(0);
    expect(begins(step, T0 + 1).state.attemptedAt).toBe(T0 + 1 - 10 * SECOND);
  });

  it('refuses again under the lock what was allowed before it', () => {
    const step = asks(activeState(), T0 + 1, 'extend');
    const full = { ...step, state: { ...step.state, attemptedAt: T0 } };
    expect(skipped(begins(full, T0 + 1))).toBe('rate');
  });

  it.each(['extend', 'signed-in'] as const)('makes %s wait as well, and keeps it wanted', (kind) => {
    const state = activeState({ attemptedAt: T0 });
    const refused = asks(state, T0 + 1, kind);
    expect(skipped(refused)).toBe('rate');
    expect(refused.state.wanted.why).toBe(kind);
    expect(wakeAt(refused.state)).toBe(T0 + 5 * SECOND);
    expect(attempted(asks(refused.state, T0 + 5 * SECOND, 'visible', { visible: false }))).toBe(kind);
  });

  it('holds attempts to burst and rate however they arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(8 * SECOND), { maxLength: 60 }), (gaps) => {
        let state = activeState();
        let at = T0;
        const sent: number[] = [];
        for (const gap of gaps) {
          at += gap;
          if (bucketFreeAt(state) > at) continue;
          state = { ...state, attemptedAt: chargeBucket(state, at) };
          sent.push(at);
        }
        for (const [i, from] of sent.entries()) {
          for (const [j, to] of sent.entries()) {
            if (j < i) continue;
            expect(j - i + 1).toBeLessThanOrEqual(BURST + Math.floor((to - from) / (5 * SECOND)));
          }
        }
      }),
    );
  });
});
