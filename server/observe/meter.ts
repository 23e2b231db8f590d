import type { EndReason } from '../contract.js';
import { errorFacts, type Logger } from './logger.js';

/** The provider's answers to a refresh token: the kinds of `TokenAnswer`. */
export type TokenOutcome = 'granted' | 'invalid_grant' | 'interaction' | 'blank_refusal' | 'kept' | 'ambiguous';

/**
 * Counts what happens in the server. Durations are seconds. No argument names a session or a user.
 */
export interface Meter {
  /**
   * A request was answered. `route` is a name such as `heartbeat`, or `other`. `reason` is the
   * reason of an error answer, otherwise empty.
   */
  answered(route: string, status: number, reason: string, seconds: number): void;
  /** A refresh token was sent to the provider, which gave this answer. */
  asked(outcome: TokenOutcome, seconds: number): void;
  sessionBegun(): void;
  sessionsEnded(reason: EndReason, count: number): void;
  /** `kind` is the store's own code, such as `SQLITE_FULL` or `ECONNREFUSED`, or `unknown`. */
  storeFailed(kind: string): void;
}

/** A meter that counts nothing. */
export const NO_METER: Meter = {
  answered() {},
  asked() {},
  sessionBegun() {},
  sessionsEnded() {},
  storeFailed() {},
};

/** Wraps a meter, so that an exception of it is logged and changes nothing. */
export function guardMeter(meter: Meter, logger: Logger): Meter {
  const guarded =
    <A extends unknown[]>(tell: (...args: A) => void) =>
    (...args: A): void => {
      try {
        tell(...args);
      } catch (error) {
        logger.error({ event: 'meter.fail', ...errorFacts(error) }, 'a meter failed');
      }
    };
  return {
    answered: guarded((...args) => meter.answered(...args)),
    asked: guarded((...args) => meter.asked(...args)),
    sessionBegun: guarded(() => meter.sessionBegun()),
    sessionsEnded: guarded((...args) => meter.sessionsEnded(...args)),
    storeFailed: guarded((...args) => meter.storeFailed(...args)),
  };
}
