import type { MiddlewareHandler } from 'hono';
import { isJsonObject } from '../contract.js';
import type { Meter } from '../observe/meter.js';

/**
 * The routes that are counted by name. Any other path counts as `other`, because visitors choose
 * it.
 */
const ROUTES: readonly string[] = [
  ...['login', 'callback', 'heartbeat', 'session', 'signed-in', 'logout', 'provider-logout', 'backchannel-logout'],
  ...['stillhere-sw.js', 'signed-in.js'],
];

async function reasonOf(response: Response): Promise<string> {
  if (response.headers.get('content-type') !== 'application/problem+json') return '';
  const body: unknown = await response.clone().json();
  return isJsonObject(body) && typeof body.reason === 'string' ? body.reason : '';
}

/** Tells a meter how each request was answered. */
export function meterRequests(meter: Meter): MiddlewareHandler {
  return async (context, next) => {
    const startedAt = performance.now();
    await next();
    const { req, res } = context;
    const name = req.path.slice(req.path.lastIndexOf('/') + 1);
    const route = ROUTES.includes(name) ? name : 'other';
    meter.answered(route, res.status, await reasonOf(res), (performance.now() - startedAt) / 1_000);
  };
}
