/**
 * Two contexts may read the clock in one order and save in the other. So a difference of up to
 * these milliseconds does not count as a change of the clock.
 */
const SKEW_MS = 1_000;

/** Tells if `instant` was written before the clock was set back to `at`. */
export const isAhead = (instant: number, at: number): boolean => instant > at + SKEW_MS;

/**
 * Corrects a state that was written before the clock was set back (rule 4). Every stored instant
 * (`at`, `...At`) lies in the past when it is written. One that lies in the future is set to now,
 * so that durations which are counted from it end in time. Activity in the future is forgotten.
 */
export function settleClocks<T extends object>(kept: T, at: number): T {
  const settle = (name: string, value: unknown): unknown => {
    if (value && typeof value === 'object') return settleClocks(value, at);
    if (typeof value !== 'number' || !/at$/i.test(name)) return value;
    return /Activity/.test(name) && isAhead(value, at) ? 0 : Math.min(value, at);
  };
  return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, settle(name, value)])) as T;
}
