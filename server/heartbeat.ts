import { fail, readAppOrigin, readLogger, resolveOwnSessions, text } from './app-options.js';
import { readPresence } from './heartbeat-body.js';
import { beatOwnSession } from './heartbeat-own.js';
import type { OwnSessions } from './identify.js';
import { checkOrigin } from './origin-check.js';
import { problem } from './problem.js';
import { readCookie } from './read-cookie.js';
import type { Logger } from './session/logger.js';
import { memoryRateLimiter, type RateLimiter } from './session/rate-limit.js';
import type { SessionService } from './session/types.js';
import { verdictResponse } from './verdict-response.js';

export type { OwnSession, OwnSessions, OwnVerdict } from './identify.js';

/** Options that both kinds of session share. */
export interface HeartbeatCommon {
  /** The origin of the application as browsers see it, like `https://app.example`; http only on loopback. */
  appOrigin: string;
  /** Default: warnings and errors on stderr. */
  logger?: Logger;
  /** Bounds the beats of one of the application's own sessions. Default: 30 a minute and a burst of 20, counted in this process. */
  rateLimiter?: RateLimiter;
  /** Keeps a refresh alive that outlasts its request, where the platform would freeze it. */
  waitUntil?: (work: Promise<unknown>) => void;
}

/** Sessions that Stillhere holds: `cookieName` is the name of the cookie that carries them. */
export interface HeldSessions {
  service: Pick<SessionService, 'beat'>;
  cookieName: string;
}

export type HeartbeatOptions = HeartbeatCommon & (OwnSessions | HeldSessions);

let sharedLimiter: RateLimiter | null = null;

type Resolved = Required<Pick<HeartbeatCommon, 'appOrigin' | 'logger'>>;
/** Options that were checked already: whoever keeps them in one object pays for it once. */
const resolved = new WeakMap<HeartbeatOptions, Resolved>();

function resolveOptions(options: HeartbeatOptions): Resolved {
  const known = resolved.get(options);
  if (known) return known;
  if (typeof options !== 'object' || options === null)
    throw new TypeError('stillhere: handleHeartbeat takes a request and options');
  const result = { appOrigin: readAppOrigin(options.appOrigin), logger: readLogger(options.logger) };
  const { rateLimiter, waitUntil } = options;
  if (rateLimiter !== undefined && typeof rateLimiter?.take !== 'function')
    fail('rateLimiter', 'an object with a function "take"');
  if (waitUntil !== undefined && typeof waitUntil !== 'function') fail('waitUntil', 'a function that takes a promise');
  if ('service' in options) {
    if (typeof options.service?.beat !== 'function') fail('service', 'a session service');
    text('cookieName', options.cookieName);
  } else {
    resolveOwnSessions(options);
  }
  resolved.set(options, result);
  return result;
}

/**
 * Answers `POST heartbeat` as docs/contract.md says: a plain fetch handler, for any server that speaks `Request` and `Response`. What is not
 * a beat of the application's own pages is refused (405, 403, 413, 415, 400) before `identify`, a store or a provider is asked; every other
 * answer is the contract's 200, 401, 429 or 503.
 *
 * Rejects with a TypeError that names the option where one is wrong, and never because of a session, a store or a callback: what a callback
 * throws is logged by its name and code, and answered with 503.
 *
 * @example
 * import { handleHeartbeat } from 'stillhere/server';
 *
 * const sessions = new Map<string, { seenAt: number }>();
 * const keyOf = (request: Request) => /sid=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
 *
 * export const POST = (request: Request) =>
 *   handleHeartbeat(request, {
 *     appOrigin: 'https://app.example',
 *     identify: (request) => (sessions.has(keyOf(request)) ? { key: keyOf(request) } : null),
 *     refresh: (request, { activity, idleMs }) => {
 *       const session = sessions.get(keyOf(request));
 *       if (!session) return { kind: 'over', reason: 'revoked' };
 *       if (activity === 'user') session.seenAt = Math.max(session.seenAt, Date.now() - idleMs);
 *       return { kind: 'alive', idleExpiresIn: 1800 - (Date.now() - session.seenAt) / 1000 };
 *     },
 *   });
 */
export async function handleHeartbeat(request: Request, options: HeartbeatOptions): Promise<Response> {
  const { appOrigin, logger } = resolveOptions(options);
  if (request.method !== 'POST') {
    return problem(405, 'method_not_allowed', 'A beat is a POST', { headers: { Allow: 'POST' } });
  }
  if (!checkOrigin(request, { appOrigin, needHeader: true })) {
    return problem(403, 'cross_origin', 'The request does not come from this application');
  }
  const presence = await readPresence(request);
  if (presence instanceof Response) return presence;
  if ('service' in options) {
    const cookie = readCookie(request.headers.get('cookie'), options.cookieName);
    return verdictResponse(await options.service.beat(cookie, presence));
  }
  sharedLimiter ??= memoryRateLimiter();
  const { rateLimiter = sharedLimiter } = options;
  return beatOwnSession({ ...options, appOrigin, logger, rateLimiter }, request, presence);
}
