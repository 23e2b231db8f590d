import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeState,
  asks,
  attempted,
  buildState,
  endingAt,
  MINUTE,
  SECOND,
  skipped,
  T0,
} from '../model/build-state.js';
import type { State } from './state.js';

const FAILED = T0 + 20 * MINUTE;
const held = (failures: number, wait: number, changes: Partial<State> = {}): State =>
  activeState({ failures, due: { at: FAILED, span: 0 }, notBefore: { at: FAILED, span: wait, order: 0 }, ...changes });
const heldUntil = ({ notBefore: { at, span } }: State): number => at + span;

/** When the next attempt may leave, after the network's return was told at `at`. */
const heldAfter = (state: State, at: number, random: number, visible = true): number =>
  heldUntil(asks(state, at, 'online', { activityAge: 0, visible }, { random }).state);

describe("the network's return (rule 6)", () => {
  it('draws what is left of a wait again within the step before, where it is longer', () => {
    // Ten failures: no step is longer than half of the interval.
    const state = held(10, 4 * MINUTE);
    const at = FAILED + SECOND;
    expect(heldAfter(state, at, 0)).toBe(at);
    expect(heldAfter(state, at, 0.5)).toBe(at + 75 * SECOND);
    expect(heldAfter(state, at, 0.999_999)).toBeCloseTo(at + 150 * SECOND, -1);
    // Three failures: the wait before was 8 s at most.
    expect(heldAfter(held(3, 15 * SECOND), at, 0.5)).toBe(at + 4 * SECOND);
    expect(heldAfter(held(2, 5 * SECOND), at, 0.5)).toBe(FAILED + 5 * SECOND);
    expect(heldAfter(held(1, 5 * SECOND), at, 0.5)).toBe(at + 1_562.5);
  });

  it('leaves a wait alone that is no longer than that', () => {
    const until = FAILED + 4 * MINUTE;
    expect(heldAfter(held(10, 4 * MINUTE), until - 150 * SECOND, 0)).toBe(until);
    expect(heldAfter(held(10, 4 * MINUTE), until - 150 * SECOND - 1, 0)).toBe(until - 150 * SECOND - 1);
  });

  it('shortens it once, though ten tabs tell of it and the network comes and goes', () => {
    let state = asks(held(10, 4 * MINUTE), FAILED + SECOND, 'online', {}, { random: 0.9 }).state;
    const until = FAILED + SECOND + 135 * SECOND;
    for (let second = 2; second < 12; second += 1) {
      state = asks(state, FAILED + second * SECOND, 'online', {}, { random: 0.01 }).state;
      expect(heldUntil(state)).toBeCloseTo(until, 5);
    }
  });

  it('spreads those who were held back for any time evenly over that step', () => {
    const SHARES = 10;
    const counts = new Array<number>(SHARES).fill(0);
    const STEPS = 40;
    const at = FAILED + 10 * MINUTE;
    // Waits as the back-off makes them, each met at any instant of it.
    for (let a = 0; a < STEPS; a += 1) {
      const span = 150 * SECOND * (1 + (a + 0.5) / STEPS);
      for (let left = SECOND / 2; left < span; left += SECOND) {
        const state = held(10, span, { notBefore: { at: at + left - span, span, order: 0 } });
        const random = ((left / SECOND) * 0.618_034 + a * 0.414_214) % 1;
        const share = Math.floor((heldAfter(state, at, random) - at) / (15 * SECOND));
        counts[share] = (counts[share] ?? 0) + 1;
      }
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / SHARES;
    expect(counts).toHaveLength(SHARES);
    for (const count of counts) expect(count / mean).toBeCloseTo(1, 1);
  });

  it("never passes the server's order, and shortens what lies above it", () => {
    const span = 4 * MINUTE;
    const state = held(10, span, { notBefore: { at: FAILED, span, order: 2 * MINUTE } });
    expect(heldAfter(state, FAILED + SECOND, 0)).toBe(FAILED + 2 * MINUTE);
    expect(asks(state, FAILED + SECOND, 'online', {}, { random: 0 }).state.notBefore).toEqual({
      at: FAILED,
      span: 2 * MINUTE,
      order: 2 * MINUTE,
    });
    expect(heldAfter(state, FAILED + SECOND, 0.9)).toBe(FAILED + SECOND + 135 * SECOND);
  });

  it('is never later than before, and leaves the order within its span: rounding would make the record an unsound one', () => {
    const chance = fc.nat(999_982).map((part) => part / 999_983);
    fc.assert(
      fc.property(chance, chance, chance, fc.nat(20), (longer, passed, random, failures) => {
        const order = 30 * SECOND * (1 + longer / 2);
        const before = { at: FAILED, span: order, order };
        const { notBefore } = asks(
          held(failures, 0, { notBefore: before }),
          FAILED + passed * order,
          'online',
          {},
          { random },
        ).state;
        expect(notBefore.span).toBeLessThanOrEqual(before.span);
        expect(notBefore.span).toBeGreaterThanOrEqual(notBefore.order);
        expect(notBefore.order).toBe(order);
      }),
    );
  });

  it('takes a quarter of what the session has left at most', () => {
    const state = held(10, 4 * MINUTE, endingAt(FAILED + MINUTE));
    expect(heldAfter(state, FAILED, 0.5)).toBe(FAILED + 7.5 * SECOND);
  });

  it('is the end of the wait where the known end has passed, or nothing is known: somebody looks at a covered page', () => {
    const past = held(10, 4 * MINUTE, endingAt(FAILED));
    const at = FAILED + SECOND;
    expect(heldAfter(past, at, 0.9)).toBe(at);
    expect(attempted(asks(past, at, 'online', { activityAge: 0 }, { random: 0.9 }))).toBe('due');
    const { notBefore } = past;
    const unknown = buildState({ failures: 10, notBefore, wanted: { why: 'hello', at: T0, tried: true } });
    expect(attempted(asks(unknown, at, 'online', { activityAge: 0 }, { random: 0.9 }))).toBe('hello');
  });

  it('tells the page when to come back, and stays no activity', () => {
    const step = asks(held(10, 4 * MINUTE), FAILED + SECOND, 'online', { activityAge: 0 }, { random: 0.5 });
    expect(skipped(step)).toBe('back-off');
    const until = FAILED + SECOND + 75 * SECOND;
    expect(skipped(asks(step.state, until - 1, 'activity', { activityAge: 0 }))).toBe('back-off');
    expect(attempted(asks(step.state, until, 'activity', { activityAge: 0 }))).toBe('due');
    expect(asks(held(10, 4 * MINUTE), FAILED + SECOND, 'online').state.lastActivityAt).toBe(T0);
  });

  it('is nothing to any other ask', () => {
    for (const kind of ['activity', 'visible', 'check', 'hello', 'touch'] as const)
      expect(heldUntil(asks(held(10, 4 * MINUTE), FAILED, kind, { activityAge: 0 }).state)).toBe(FAILED + 4 * MINUTE);
  });
});
