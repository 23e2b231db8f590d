import { errorFacts, type Logger } from '../observe/logger.js';
import { guardLimiter } from '../rates/guard-limiter.js';
import { createStrangerLimit, type StrangerLimit } from '../rates/limit-strangers.js';
import { memoryRateLimiter, type RateLimiter } from '../rates/rate-limit.js';
import { beatOwnSession, type OwnBeatOptions } from './beat-own-session.js';
import { fail, readAppOrigin, readLogger, resolveOwnSessions } from './check-option.js';
import { readBeat, refuseStatus } from './guard-request.js';
import type { OwnSessions } from './own-sessions.js';

/** Options that both kinds of session share. */
export interface HeartbeatCommon {
  /**
   * The origin of the application as browsers see it, like `https://app.example`; http only on
   * loopback.
   */
  appOrigin: string;
  /** Default: warnings and errors on stderr. */
  logger?: Logger;
  /**
   * Bounds the beats of one of the application's own sessions. Default: 30 a minute and a burst of
   * 20, counted in this process.
   */
  rateLimiter?: RateLimiter;
  /**
   * The visitor's address as your platform tells it, not as a visitor may write it: requests
   * without a session are then limited by it. Default: they are limited by their headers, which
   * stops a client that loops and no attacker.
   */
  clientAddress?: (request: Request) => string | null | undefined;
  /** Keeps a refresh alive that outlasts its request, where the platform would freeze it. */
  waitUntil?: (work: Promise<unknown>) => void;
}

/** Options of an application that keeps its own sessions. */
export type OwnHeartbeatOptions = HeartbeatCommon & OwnSessions;

type Checked = Required<Pick<HeartbeatCommon, 'appOrigin' | 'logger'>>;

/**
 * Options that were checked already: an application that keeps them in one object pays for the
 * checks once.
 */
const checked = new WeakMap<HeartbeatCommon, Checked>();

/**
 * Checks the options that both kinds of session share. `checkMore` checks the rest.
 * @throws {TypeError} naming the option and what it takes.
 */
export function checkHeartbeatCommon<T extends HeartbeatCommon>(options: T, checkMore: (options: T) => void): Checked {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('stillhere: handleHeartbeat takes a request and options');
  const known = checked.get(options);
  if (known) return known;
  const result = { appOrigin: readAppOrigin(options.appOrigin), logger: readLogger(options.logger) };
  const { rateLimiter, clientAddress, waitUntil } = options;
  if (rateLimiter !== undefined && typeof rateLimiter?.take !== 'function')
    fail('rateLimiter', 'an object with a function "take"');
  if (clientAddress !== undefined && typeof clientAddress !== 'function')
    fail('clientAddress', 'a function that takes a request');
  if (waitUntil !== undefined && typeof waitUntil !== 'function') fail('waitUntil', 'a function that takes a promise');
  checkMore(options);
  checked.set(options, result);
  return result;
}

let sharedLimiter: RateLimiter | null = null;
let sharedStrangers: StrangerLimit | null = null;

type Resolved = OwnBeatOptions & Required<Pick<HeartbeatCommon, 'clientAddress'>>;

/** Names each member: the methods of an object of a class are not among its own properties. */
function resolveOwn(options: OwnHeartbeatOptions): Resolved {
  const common = checkHeartbeatCommon(options, resolveOwnSessions);
  sharedLimiter ??= memoryRateLimiter();
  sharedStrangers ??= createStrangerLimit();
  return {
    ...common,
    ...resolveOwnSessions(options),
    rateLimiter: guardLimiter(options.rateLimiter ?? sharedLimiter, common.logger),
    strangers: sharedStrangers,
    clientAddress: (request) => options.clientAddress?.(request),
    waitUntil: (work) => options.waitUntil?.(work),
  };
}

/** A callback that fails says nothing: the limit then goes by the headers. */
function addressOf({ clientAddress, logger }: Resolved, request: Request): string | null {
  try {
    return clientAddress(request) || null;
  } catch (error) {
    logger.error({ event: 'callback.fail', ...errorFacts(error) }, 'the callback "clientAddress" failed');
    return null;
  }
}

/** Answers `POST heartbeat` for the application's own sessions. */
export async function handleOwnHeartbeat(request: Request, options: OwnHeartbeatOptions): Promise<Response> {
  const own = resolveOwn(options);
  const presence = await readBeat(request, own);
  return presence instanceof Response ? presence : beatOwnSession(own, request, presence, addressOf(own, request));
}

/** Answers `GET`: what is left of one of the application's own sessions, extending nothing. */
export async function handleOwnStatus(request: Request, options: OwnHeartbeatOptions): Promise<Response> {
  const own = resolveOwn(options);
  const question = { activity: 'none', idleMs: 0 } as const;
  return refuseStatus(request, own) ?? beatOwnSession(own, request, question, addressOf(own, request));
}

/** The handlers of one route: `POST` is the beat, `GET` the question what is left. */
export interface HeartbeatRoute {
  GET(request: Request): Promise<Response>;
  POST(request: Request): Promise<Response>;
}

/**
 * Makes the route of an application that keeps its own sessions: the beat, and what is left of the
 * session. The page is told `endpoint` and `statusEndpoint` with the route's path.
 *
 * @throws {TypeError} naming the option and what it takes.
 * @example
 * import { createHeartbeat } from 'stillhere/heartbeat';
 *
 * const sessions = new Map<string, { user: string; seenAt: number }>();
 * const keyOf = (request: Request) =>
 *   /sid=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
 *
 * export const { GET, POST } = createHeartbeat({
 *   appOrigin: 'https://app.example',
 *   identify: (request) => {
 *     const session = sessions.get(keyOf(request));
 *     return session ? { key: keyOf(request), user: session.user } : null;
 *   },
 *   refresh: (request, { activity, idleMs }) => {
 *     const session = sessions.get(keyOf(request));
 *     if (!session) return { kind: 'over', reason: 'revoked' };
 *     if (activity === 'user') session.seenAt = Math.max(session.seenAt, Date.now() - idleMs);
 *     return { kind: 'alive', idleExpiresIn: 1800 - (Date.now() - session.seenAt) / 1000 };
 *   },
 * });
 */
export function createHeartbeat(options: OwnHeartbeatOptions): HeartbeatRoute {
  resolveOwn(options);
  return {
    GET: (request) => handleOwnStatus(request, options),
    POST: (request) => handleOwnHeartbeat(request, options),
  };
}
