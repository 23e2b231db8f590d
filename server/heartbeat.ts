import { readPresence } from './heartbeat-body.js';
import { beatOwnSession } from './heartbeat-own.js';
import type { OwnSessions } from './identify.js';
import { checkOrigin } from './origin-check.js';
import { problem } from './problem.js';
import { readCookie } from './read-cookie.js';
import type { Logger } from './session/logger.js';
import { memoryRateLimiter, type RateLimiter } from './session/rate-limit.js';
import type { SessionService } from './session/types.js';
import { stderrLogger } from './stderr-logger.js';
import { verdictResponse } from './verdict-response.js';

export type { OwnSession, OwnSessions, OwnVerdict } from './identify.js';

/** Options that both kinds of session share. */
export interface HeartbeatCommon {
  /** The origin of the application as browsers see it, like `https://app.example`. */
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

/**
 * Answers `POST heartbeat` as docs/contract.md says. What is not a beat of the application's own pages is refused (405, 403, 413, 415, 400)
 * before a store or a provider is asked. Never rejects because of a session, a store or a callback.
 *
 * @example
 * export const POST = (request: Request) => handleHeartbeat(request, { appOrigin: 'https://app.example', identify, refresh });
 */
export async function handleHeartbeat(request: Request, options: HeartbeatOptions): Promise<Response> {
  const { appOrigin, logger = stderrLogger } = options;
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
  return beatOwnSession({ ...options, logger, rateLimiter }, request, presence);
}
