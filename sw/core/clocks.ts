/** Two contexts may read the clock in another order than they save: that much is no change of the clock. */
const SKEW_MS = 1_000;

/**
 * Rule 4: only durations count. Every instant that is kept (`at`, `...At`) is of the past, so one that lies ahead was written before the clock
 * was set back: it is drawn in to now, and with it what is counted from it. Activity in the future never was,
 * and an ask from the future was put before the clock was set: any request since then has left after it.
 */
export function settleClocks<T extends object>(kept: T, at: number): T {
  const settle = (name: string, value: unknown): unknown => {
    if (value && typeof value === 'object') return settleClocks(value, at);
    if (typeof value !== 'number' || !/at$/i.test(name)) return value;
    return /Activity|asked/.test(name) && value > at + SKEW_MS ? 0 : Math.min(value, at);
  };
  return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, settle(name, value)])) as T;
}
