import { isJsonObject } from '../contract.js';
import { errorFacts, type Logger } from '../observe/logger.js';
import { outlive } from '../observe/outlive-response.js';
import type { StrangerLimit } from '../rates/limit-strangers.js';
import type { RateLimiter } from '../rates/rate-limit.js';
import { within } from '../rates/within.js';
import type { Presence, Verdict } from '../verdict/verdict.js';
import { verdictResponse } from '../verdict/verdict-response.js';
import { isCookieWithheld, withheldVerdict } from '../verdict/withheld-cookie.js';
import type { OwnSession, OwnSessions, OwnVerdict } from './own-sessions.js';
import { checkVerdict, contractVerdict, unavailable } from './own-verdict.js';

const REFRESH_MS = 20_000;
const WAIT_MS = 8_000;

type Flights = Map<string, Promise<OwnVerdict>>;

/**
 * The refreshes that run. They are kept on `globalThis`, because a bundler may load this module
 * twice in one process, and the callbacks may be new functions in each request.
 */
function sharedFlights(): Flights {
  const holder: { [name: symbol]: Flights | undefined } = globalThis;
  const name = Symbol.for('stillhere.own-flights');
  const flights = holder[name] ?? new Map();
  holder[name] = flights;
  return flights;
}

export interface OwnBeatOptions extends OwnSessions {
  appOrigin: string;
  logger: Logger;
  /** One that does not fail. */
  rateLimiter: RateLimiter;
  strangers: StrangerLimit;
  waitUntil?: (work: Promise<unknown>) => void;
}

/**
 * Makes a copy of the request that the application may keep. It has no body, and no signal of a
 * client that may leave while other clients wait.
 */
function copyOf(request: Request, signal: AbortSignal): Request {
  return new Request(request.url, { method: request.method, headers: request.headers, signal });
}

/**
 * Asks the application for the request's session. `null` if there is none. Throws if the session
 * has no key: two such sessions would share one refresh, and its cookies.
 */
async function identified(options: OwnBeatOptions, request: Request): Promise<OwnSession | null> {
  const session: unknown = await options.identify(copyOf(request, request.signal));
  if (session === null || session === undefined) return null;
  const { key, sessionId, user } = isJsonObject(session) ? session : {};
  if (typeof key !== 'string' || key === '')
    throw new TypeError('stillhere: "identify" takes { key: string, sessionId?, user? } or null back');
  const handles = { sessionId, user };
  const texts = Object.entries(handles).filter(([, handle]) => typeof handle === 'string');
  return { key, ...Object.fromEntries(texts) };
}

/**
 * Joins the session's refresh, or starts one. The refresh is not tied to a request, because all
 * requests need the tokens that it rotates.
 */
function join(options: OwnBeatOptions, key: string, request: Request, presence: Presence): Promise<OwnVerdict> {
  const { appOrigin, logger } = options;
  const flights = sharedFlights();
  // A check, which must not move the idle limit, never answers a beat of a user who is there.
  const nameOf = (activity: string) => JSON.stringify([appOrigin, key, activity]);
  const known = flights.get(nameOf('user')) ?? flights.get(nameOf(presence.activity));
  if (known) return known;

  const name = nameOf(presence.activity);
  // A check is running, so this beat follows it. Two refreshes of one session never run at once.
  const question = flights.get(nameOf('none'));
  const run = async (): Promise<OwnVerdict> => {
    await question;
    const signal = AbortSignal.timeout(REFRESH_MS);
    const timedOut = new Promise<OwnVerdict>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'later', reason: 'provider_timeout' }), { once: true });
    });
    const call = async () =>
      checkVerdict(await options.refresh(copyOf(request, signal), { ...presence, signal }), logger);
    return Promise.race([call(), timedOut]);
  };
  const verdict = run()
    .catch((error): OwnVerdict => {
      logger.error(
        { event: 'callback.fail', ...errorFacts(error) },
        'the callback "refresh" failed, the session is kept',
      );
      return unavailable();
    })
    .finally(() => flights.delete(name));
  flights.set(name, verdict);
  outlive(verdict, options);
  return verdict;
}

/** The headers that the application may not override. */
const OUR_HEADERS = new Set(['content-type', 'content-length', 'cache-control', 'retry-after', 'www-authenticate']);

/**
 * Answers a beat of one of the application's own sessions or, with `activity: 'none'`, tells what
 * is left of it. If the browser withheld a bound cookie, the answer is never that the session is
 * over: the callbacks cannot know.
 */
export async function beatOwnSession(
  options: OwnBeatOptions,
  request: Request,
  presence: Presence,
  address: string | null,
): Promise<Response> {
  const { logger, rateLimiter } = options;
  const answer = (verdict: Verdict): Response =>
    verdictResponse(verdict.kind === 'over' && isCookieWithheld(request) ? withheldVerdict(verdict) : verdict);
  const stranger = await options.strangers.begin(request, address);
  if (stranger.wait > 0) {
    const { wait } = stranger;
    return answer(contractVerdict({ kind: 'later', reason: 'rate_limited', retryAfter: wait }, { key: '' }));
  }
  let session: OwnSession | null;
  try {
    const found = await within(WAIT_MS, identified(options, request), undefined);
    if (found === undefined) throw new DOMException('"identify" took too long', 'TimeoutError');
    session = found;
    await stranger.end(session !== null);
  } catch (error) {
    await stranger.end(null);
    logger.error(
      { event: 'callback.fail', ...errorFacts(error) },
      'the callback "identify" failed, took too long, or gave back no { key: string } and not null',
    );
    return answer(contractVerdict({ kind: 'later', reason: 'store_unavailable' }, { key: '' }));
  }
  if (!session) return answer({ kind: 'over', reason: 'no_session', sessionId: null, user: null });

  const wait = await rateLimiter.take(session.key);
  if (wait > 0) return answer(contractVerdict({ kind: 'later', reason: 'rate_limited', retryAfter: wait }, session));

  const refreshed = join(options, session.key, request, presence);
  const verdict = await within<OwnVerdict, OwnVerdict>(WAIT_MS, refreshed, { kind: 'later', reason: 'busy' });
  const response = answer(contractVerdict(verdict, session));
  for (const [name, value] of new Headers(verdict.headers)) {
    if (!OUR_HEADERS.has(name)) response.headers.append(name, value);
  }
  return response;
}
