import { errorFacts, type Logger } from './logger.js';
import type { RateLimiter } from './rate-limit.js';

/** The same limiter, or one that refuses nothing. One that fails is logged, and refuses nothing. */
export function guardLimiter(limiter: RateLimiter | undefined, logger: Logger): Required<RateLimiter> {
  return {
    async take(key) {
      try {
        return (await limiter?.take(key)) ?? 0;
      } catch (error) {
        logger.error(
          { event: 'limiter.fail', ...errorFacts(error) },
          'the rate limiter failed and lets everybody through',
        );
        return 0;
      }
    },
    async wouldRefuse(key) {
      try {
        return (await limiter?.wouldRefuse?.(key)) === true;
      } catch {
        // The count that follows fails too, and is logged.
        return false;
      }
    },
  };
}
