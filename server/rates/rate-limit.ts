/** Limits how often a key may ask. A call that takes longer than a second counts as failed. */
export interface RateLimiter {
  /** Counts one. Resolves to 0 or to the seconds to wait. Rejects if the limiter itself failed. */
  take(key: string): Promise<number>;
  /**
   * Tells if `take` would make the key wait now, without counting.
   * @default it is not known, and counts as `false`
   */
  wouldRefuse?(key: string): Promise<boolean>;
}

export interface RefundingRateLimiter extends RateLimiter {
  /** Takes back one that was counted. */
  giveBack(key: string): void;
}

/** How many keys are remembered: about 2 MB. Above that the first ones are forgotten. */
const MOST_KEYS = 20_000;

/**
 * Makes a limiter that counts in this process's memory. It allows `perMinute` (30 by default) in
 * the long run, and `burst` (20) more at once for a user who opens many tabs. It only bounds the
 * cost of a page in a loop, because the refresh rules protect the provider. It keeps one instant
 * for each key (generic cell rate algorithm, ITU-T I.371 annex A), needs no timer, and runs on
 * every platform with `fetch` handlers.
 */
export function memoryRateLimiter(
  options: { perMinute?: number; burst?: number; now?: () => number } = {},
): RefundingRateLimiter {
  const { perMinute = 30, burst = 20, now = () => performance.now() } = options;
  const spacingMs = 60_000 / perMinute;
  const toleranceMs = spacingMs * (perMinute + burst - 1);
  /** When the key would ask next if it asked evenly. */
  const dueAt = new Map<string, number>();
  const waitOf = (key: string, at: number) => (dueAt.get(key) ?? at) - toleranceMs - at;
  return {
    async take(key) {
      const at = now();
      const due = Math.max(at, dueAt.get(key) ?? at);
      const wait = waitOf(key, at);
      if (wait > 0) return Math.max(1, Math.ceil(wait / 1_000));
      dueAt.delete(key);
      dueAt.set(key, due + spacingMs);
      const { value: oldest } = dueAt.keys().next();
      if (dueAt.size > MOST_KEYS && oldest !== undefined) dueAt.delete(oldest);
      return 0;
    },
    giveBack(key) {
      const due = dueAt.get(key);
      if (due !== undefined) dueAt.set(key, due - spacingMs);
    },
    wouldRefuse: async (key) => waitOf(key, now()) > 0,
  };
}
