/**
 * Two contexts may read the clock in another order than they save: that much is no change of the
 * clock.
 */
const SKEW_MS = 1_000;

/** Tells if `instant` was written before the clock was set back to `at`. */
export const isAhead = (instant: number, at: number): boolean => instant > at + SKEW_MS;

/**
 * Rule 4: only durations count. Every instant that is kept (`at`, `...At`) is of the past, so one
 * that lies ahead was written before the clock was set back: it is drawn in to now, and with it
 * what is counted from it. Activity in the future never was.
 */
export function settleClocks<T extends object>(kept: T, at: number): T {
  const settle = (name: string, value: unknown): unknown => {
    if (value && typeof value === 'object') return settleClocks(value, at);
    if (typeof value !== 'number' || !/at$/i.test(name)) return value;
    return /Activity/.test(name) && isAhead(value, at) ? 0 : Math.min(value, at);
  };
  return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, settle(name, value)])) as T;
}
