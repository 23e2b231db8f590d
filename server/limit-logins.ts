import type { BlockList } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { clientAddress } from './client-address.js';
import { problem } from './problem.js';
import { errorFacts, type Logger } from './session/logger.js';

/** Logins and callbacks a minute and address: a whole office may sit behind one. */
const PER_MINUTE = 60;

/** The peer's address where the server is `@hono/node-server`, which hands Node's request over in `env`. */
function peerOf({ env }: Context): string | undefined {
  const { incoming } = (env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}

/**
 * Limits logins and callbacks by address, only behind trusted proxies: without one, an address says nothing that can be trusted. A limiter
 * that fails lets through.
 */
export function limitLogins(proxies: BlockList | null, logger: Logger): MiddlewareHandler {
  const limiter = new RateLimiterMemory({ points: PER_MINUTE, duration: 60 });
  return async function limitLogin(context, next) {
    const address = proxies && clientAddress(peerOf(context), context.req.header('x-forwarded-for'), proxies);
    if (address) {
      try {
        await limiter.consume(address);
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) {
          const retryAfter = String(Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)));
          return problem(429, 'rate_limited', 'Too many logins', { headers: { 'Retry-After': retryAfter } });
        }
        logger.error(errorFacts(refusal), 'the limiter of logins failed');
      }
    }
    return next();
  };
}
