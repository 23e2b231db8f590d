import type { BlockList } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { clientAddress } from './client-address.js';
import { problem } from './problem.js';
import { memoryRateLimiter, type RateLimiter } from './session/rate-limit.js';

/** Logins and callbacks a minute and address: a whole office may sit behind one. */
const PER_MINUTE = 60;

/** The peer's address where the server is `@hono/node-server`, which hands Node's request over in `env`. */
function peerOf({ env }: Context): string | undefined {
  const { incoming } = (env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}

const loginLimiter = () => memoryRateLimiter({ perMinute: PER_MINUTE, burst: 0 });

/** Limits logins and callbacks by address, only behind trusted proxies: without one, an address says nothing that can be trusted. */
export function limitLogins(proxies: BlockList | null, limiter: RateLimiter = loginLimiter()): MiddlewareHandler {
  return async function limitLogin(context, next) {
    const address = proxies && clientAddress(peerOf(context), context.req.header('x-forwarded-for'), proxies);
    const wait = address ? await limiter.take(address) : 0;
    if (wait > 0) return problem(429, 'rate_limited', 'Too many logins', { headers: { 'Retry-After': String(wait) } });
    return next();
  };
}
