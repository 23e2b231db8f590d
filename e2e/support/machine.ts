import { expect } from '@playwright/test';
import { onThisMachine } from './lateness.js';

/**
 * It took `limit` milliseconds at most from one instant to the other, as far as the machine let it.
 * A message that is late on its way makes the later instant look later still, so all of the time up
 * to now counts.
 */
export function expectWithin(limit: number, from = Number.NaN, to = Number.NaN): void {
  expect(to - from).toBeLessThanOrEqual(onThisMachine(limit, from));
}

/** No two of these instants that follow each other are further apart. */
export function expectNoPause(limit: number, instants: readonly number[]): void {
  for (const [index, to] of instants.entries()) {
    const from = instants[index - 1] ?? to;
    expect(to - from).toBeLessThanOrEqual(onThisMachine(limit, from, to));
  }
}
