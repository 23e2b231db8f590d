import { errorFacts, type Logger } from '../observe/logger.js';
import type { RateLimiter } from './rate-limit.js';
import { within } from './within.js';

/** How long a request waits for a limiter that hangs, in milliseconds. */
const LONGEST_WAIT_MS = 1_000;

/** Returns the limiter's answer, or `instead` if the limiter has no such method. */
async function inTime<T>(asked: Promise<T> | undefined, instead: T): Promise<T> {
  const answer = await within(LONGEST_WAIT_MS, Promise.resolve(asked ?? instead), undefined);
  if (answer === undefined) throw new DOMException('The rate limiter took too long', 'TimeoutError');
  return answer;
}

/**
 * Wraps a limiter. If it fails or takes longer than a second, the log says so, and the request
 * passes.
 */
export function guardLimiter(limiter: RateLimiter | undefined, logger: Logger): Required<RateLimiter> {
  return {
    async take(key) {
      try {
        return await inTime(limiter?.take(key), 0);
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
        return await inTime(limiter?.wouldRefuse?.(key), false);
      } catch {
        // The call of `take` that follows fails too, and is logged.
        return false;
      }
    },
  };
}
