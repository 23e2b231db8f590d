import { readCookie } from '../http/read-cookie.js';
import type { Presence, Verdict } from '../verdict/verdict.js';
import { verdictResponse } from '../verdict/verdict-response.js';
import { unlessWithheld } from '../verdict/withheld-cookie.js';
import { fail, text } from './check-option.js';
import { checkHeartbeatCommon, type HeartbeatCommon, handleOwnHeartbeat } from './create-heartbeat.js';
import { readBeat } from './guard-request.js';
import type { OwnSessions } from './own-sessions.js';

export type { HeartbeatCommon } from './create-heartbeat.js';
export type { OwnSession, OwnSessions, OwnVerdict } from './own-sessions.js';

/** Options for sessions that Stillhere holds. `cookieName` is the cookie that carries them. */
export interface HeldSessions {
  service: { beat(cookie: string | null, presence: Presence): Promise<Verdict> };
  cookieName: string;
  /**
   * Name of the readable cookie, if one is set with it: pages then take its absence for signed out.
   */
  readableCookie?: string;
}

export type HeartbeatOptions = HeartbeatCommon & (OwnSessions | HeldSessions);

async function handleHeldHeartbeat(request: Request, options: HeartbeatCommon & HeldSessions): Promise<Response> {
  const { service, cookieName, readableCookie } = options;
  const common = checkHeartbeatCommon(options, () => {
    if (typeof service?.beat !== 'function') fail('service', 'a session service');
    text('cookieName', cookieName);
    if (readableCookie !== undefined) text('readableCookie', readableCookie);
  });
  const presence = await readBeat(request, common);
  if (presence instanceof Response) return presence;
  const cookie = readCookie(request.headers.get('cookie'), cookieName);
  return verdictResponse(unlessWithheld(request, cookie, await service.beat(cookie, presence)), readableCookie);
}

/**
 * Answers `POST heartbeat` as docs/contract.md says. It is a plain fetch handler, for any server
 * that uses `Request` and `Response`. A request that is no beat of the application's own pages is
 * refused (405, 403, 413, 415, 400) before `identify`, a store or a provider is asked. Every other
 * answer is the contract's 200, 401, 429 or 503.
 *
 * It never rejects because of a session, a store or a callback. If a callback throws, the answer is
 * 503, and the log has the name and the code of the error.
 *
 * @throws {TypeError} (as a rejection) naming the option that is wrong.
 * @example
 * import { handleHeartbeat } from 'stillhere/server';
 *
 * const sessions = new Map<string, { seenAt: number }>();
 * const keyOf = (request: Request) =>
 *   /sid=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
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
  if (typeof options === 'object' && options !== null && 'service' in options)
    return handleHeldHeartbeat(request, options);
  return handleOwnHeartbeat(request, options);
}
