/** Two contexts may read the clock in another order than they save: that much is no change of the clock. */
const SKEW_MS = 1_000;

/**
 * Rule 4: only durations count. An instant that lies further ahead than its own span (0 for those of the past) was written before the clock
 * was set back, so it is drawn in to the span; activity in the future never was.
 */
export function settleClocks<T extends object>(before: T, at: number): T {
  const next = { ...(before as Record<string, unknown>) };
  for (const [name, value] of Object.entries(before)) {
    if (value && typeof value === 'object') next[name] = settleClocks(value, at);
    else if (/at$/i.test(name)) {
      const span = next[name.replace(/at$/i, (end) => (end === 'at' ? 'span' : 'Span'))] ?? 0;
      next[name] =
        /Activity/.test(name) && (value as number) > at + SKEW_MS
          ? 0
          : Math.min(value as number, at + (span as number));
    }
  }
  return next as T;
}
