import type { Logger } from '../../observe/logger.js';

/**
 * The clock of Redis, as this host sees it. Every host translates its instants by it, so that hosts
 * with wrong clocks agree.
 */
export interface RedisClock {
  /**
   * What Redis said of the time, in an answer to a command that left at `sentAt` and was answered
   * at `receivedAt` of this host's clock.
   */
  measure(redisNow: number, sentAt: number, receivedAt: number): void;
  /**
   * Milliseconds that the clock of Redis is ahead of this host's; 0 below a second, which is the
   * way of the messages and does no harm.
   */
  aheadMs(): number;
}

const TOLERATED_MS = 1_000;
/** A better measurement than the newest counts for so long: clocks drift. */
const KEEP_MS = 60_000;
const DRIFT_MS = 50;

/**
 * Keeps the measurement with the shortest way, until another contradicts it: then a clock was set.
 */
export function createRedisClock(logger: Logger): RedisClock {
  let best = { ahead: 0, error: Number.POSITIVE_INFINITY, at: 0 };
  let isApart = false;

  const judge = (): void => {
    const { ahead, error } = best;
    const apart = Math.abs(ahead) > TOLERATED_MS + error;
    if (apart && !isApart)
      logger.warn(
        { event: 'clock.skew', aheadSeconds: Math.round(ahead / 100) / 10 },
        'the clocks of Redis and of this server differ: instants are translated',
      );
    isApart = apart;
  };

  return {
    measure(redisNow, sentAt, receivedAt) {
      const error = (receivedAt - sentAt) / 2;
      if (error < 0) return;
      const ahead = redisNow - (sentAt + receivedAt) / 2;
      const contradicts = Math.abs(ahead - best.ahead) > error + best.error + DRIFT_MS;
      const isOld = Math.abs(receivedAt - best.at) > KEEP_MS;
      if (error > best.error && !contradicts && !isOld) return;
      best = { ahead, error, at: receivedAt };
      judge();
    },
    aheadMs: () => (isApart ? Math.round(best.ahead) : 0),
  };
}
