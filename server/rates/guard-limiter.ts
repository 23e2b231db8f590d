import { errorFacts, type Logger } from '../observe/logger.js';
import type { RateLimiter } from './rate-limit.js';
import { within } from './within.js';

/** A limiter is there to bound load: a request waits no longer for one that hangs. */
const LONGEST_WAIT_MS = 1_000;

/** The limiter's answer, or `instead` if there is no limiter to ask. */
async function inTime<T>(asked: Promise<T> | undefined, instead: T): Promise<T> {
  const answer = await within(LONGEST_WAIT_MS, Promise.resolve(asked ?? instead), undefined);
  if (answer === undefined) throw new DOMException('The rate limiter took too long', 'TimeoutError');
  return answer;
}

/**
 * The same limiter, or one that refuses nothing. If it fails or takes longer than a second, the log
 * says so, and the request passes.
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
        // The count that follows fails too, and is logged.
        return false;
      }
    },
  };
}
