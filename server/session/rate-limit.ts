import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Says how often a key may ask. */
export interface RateLimiter {
  /** Counts one; resolves to 0, or to the seconds to wait. Rejects if the limiter itself failed. */
  take(key: string): Promise<number>;
}

/**
 * Counts in this process's memory: `perMinute` (30 by default), and `burst` (20) more in five minutes for somebody who opens many tabs.
 * The provider is guarded by the refresh rules, so this only bounds what a runaway page costs.
 */
export function memoryRateLimiter(options: { perMinute?: number; burst?: number } = {}): RateLimiter {
  const { perMinute = 30, burst = 20 } = options;
  const limiter = new BurstyRateLimiter(
    new RateLimiterMemory({ points: perMinute, duration: 60, keyPrefix: 'beat' }),
    new RateLimiterMemory({ points: burst, duration: 300, keyPrefix: 'burst' }),
  );
  return {
    async take(key) {
      try {
        await limiter.consume(key);
        return 0;
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
        throw refused;
      }
    },
  };
}
