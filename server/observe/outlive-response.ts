import { errorFacts, type Logger } from './logger.js';

/**
 * Hands work that goes on after an answer to the platform's `waitUntil`, if there is one. If that
 * throws (an unbound method, a call outside of a request), no session is lost: the work goes on for
 * as long as the process lives.
 */
export function outlive(
  work: Promise<unknown>,
  { waitUntil, logger }: { waitUntil?: ((work: Promise<unknown>) => void) | undefined; logger: Logger },
): void {
  try {
    waitUntil?.(work);
  } catch (error) {
    logger.error(
      { event: 'callback.fail', ...errorFacts(error) },
      'the callback "waitUntil" failed: the platform may freeze work that goes on after an answer',
    );
  }
}
