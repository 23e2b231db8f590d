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
   * The application's origin as browsers see it, like `https://app.example`. It may be http on a
   * loopback host only.
   */
  appOrigin: string;
  /** @default warnings and errors on stderr */
  logger?: Logger;
  /**
   * Limits the beats of each of the application's own sessions.
   * @default 30 a minute and a burst of 20, counted in this process
   */
  rateLimiter?: RateLimiter;
  /**
   * Returns the visitor's address as your platform tells it, not as a visitor may write it.
   * Requests without a session are limited by it.
   * @default they are limited by their headers, which stops a client in a loop but no attacker
   */
  clientAddress?: (request: Request) => string | null | undefined;
  /** Keeps a refresh alive after its request is answered, on a platform that would freeze it. */
  waitUntil?: (work: Promise<unknown>) => void;
}

/** The options of an application that keeps its own sessions. */
export type OwnHeartbeatOptions = HeartbeatCommon & OwnSessions;

type Checked = Required<Pick<HeartbeatCommon, 'appOrigin' | 'logger'>>;

/**
 * The options that were checked already. An application that keeps them in one object pays for the
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

/**
 * Copies each member by name, because the methods of a class are no own properties of its objects.
 */
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

/** Asks for the visitor's address. If the callback fails, the request is limited by its headers. */
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

/**
 * Answers `GET`: tells what is left of one of the application's own sessions, and extends nothing.
 */
export async function handleOwnStatus(request: Request, options: OwnHeartbeatOptions): Promise<Response> {
  const own = resolveOwn(options);
  const question = { activity: 'none', idleMs: 0 } as const;
  return refuseStatus(request, own) ?? beatOwnSession(own, request, question, addressOf(own, request));
}

/** The handlers of one route. `POST` is the beat, and `GET` tells what is left of the session. */
export interface HeartbeatRoute {
  GET(request: Request): Promise<Response>;
  POST(request: Request): Promise<Response>;
}

/**
 * Makes the route of an application that keeps its own sessions. It answers beats, and tells what
 * is left of a session. Give the route's path to the page as `endpoint` and as `statusEndpoint`.
 *
 * @throws {TypeError} naming the option that is wrong and the values that it takes.
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
