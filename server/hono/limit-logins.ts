import type { Context, MiddlewareHandler } from 'hono';
import { problem } from '../http/problem.js';
import { memoryRateLimiter, type RateLimiter } from '../rates/rate-limit.js';

/** Logins and callbacks per minute and address. A whole office may use one address. */
const PER_MINUTE = 60;

const loginLimiter = () => memoryRateLimiter({ perMinute: PER_MINUTE, burst: 0 });

/** Limits logins and callbacks by the visitor's address, if that is known. */
export function limitLogins(
  addressOf: (context: Context) => string | null,
  limiter: RateLimiter = loginLimiter(),
): MiddlewareHandler {
  return async function limitLogin(context, next) {
    const address = addressOf(context);
    const wait = address ? await limiter.take(address) : 0;
    if (wait > 0) return problem(429, 'rate_limited', 'Too many logins', { headers: { 'Retry-After': String(wait) } });
    return next();
  };
}
