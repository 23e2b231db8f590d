import { expect, it } from 'vitest';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { clockShift, inPageTime } from './page-time.js';

const T0 = 1_700_000_000_000;
const TEN_MINUTES = 600_000;

it('is nothing while the engine can have answered at the instant that it names', () => {
  expect(clockShift(0, T0, T0, T0)).toBe(0);
  expect(clockShift(0, T0 + 5, T0, T0 + 20)).toBe(0);
  // The page stood still for a minute, with the answer on its way.
  expect(clockShift(0, T0 + 5, T0, T0 + 60_000)).toBe(0);
});

it.each([TEN_MINUTES, -TEN_MINUTES])('is found out within what the answer took: %d ms', (ahead) => {
  const shift = clockShift(0, T0 + 5, T0 + ahead, T0 + 20 + ahead);
  expect(Math.abs(shift - ahead)).toBeLessThanOrEqual(20);
  // It stays as long as it is possible, and is corrected by an answer that took less.
  expect(clockShift(shift, T0 + 1_005, T0 + 1_000 + ahead, T0 + 1_300 + ahead)).toBe(shift);
  const exact = clockShift(shift, T0 + 2_000, T0 + 2_000 + ahead, T0 + 2_000 + ahead);
  expect(exact).toBe(ahead);
  // The clock is set right again.
  expect(clockShift(exact, T0 + 3_000, T0 + 3_000, T0 + 3_000)).toBe(0);
});

it('moves every instant that a page goes by, and leaves "never" and what is no instant', () => {
  const engine = engineSnapshot({ wakeAt: 5, reportedActivityAt: 6, lastBeatAt: 0, factsAt: 8, failures: 2 });
  expect(inPageTime(engine, 100)).toEqual({ ...engine, wakeAt: 105, reportedActivityAt: 106, factsAt: 108 });
  expect(inPageTime({ ...engine, wakeAt: Infinity }, -100).wakeAt).toBe(Infinity);
});
