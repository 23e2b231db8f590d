import { type AliveBody, isEndReason, isJsonObject, LATER_REASONS, type LaterReason } from './contract.js';
import type { OwnSession, OwnSessions, OwnVerdict } from './identify.js';
import { MOST_SECONDS } from './session/facts.js';
import { errorFacts, type Logger } from './session/logger.js';
import { outlive } from './session/outlive.js';
import type { RateLimiter } from './session/rate-limit.js';
import { RETRY_SECONDS } from './session/refresh-context.js';
import { jitteredRetryAfter } from './session/retry-after.js';
import type { Presence, Verdict } from './session/types.js';
import { verdictResponse } from './verdict-response.js';

const REFRESH_MS = 20_000;
const WAIT_MS = 8_000;

type Flights = Map<string, Promise<OwnVerdict>>;

/** On `globalThis`: a bundler may load this module twice in one process, and callbacks may be new functions for each request. */
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
  rateLimiter: RateLimiter;
  waitUntil?: (work: Promise<unknown>) => void;
}

const isLaterReason = (value: unknown): value is LaterReason => (LATER_REASONS as readonly unknown[]).includes(value);

const unavailable = () => ({ kind: 'later', reason: 'provider_error' }) as const;

function aliveBodyOf(verdict: Extract<OwnVerdict, { kind: 'alive' }>, session: OwnSession): AliveBody {
  const accessTokenExpiresIn = secondsOf(verdict.accessTokenExpiresIn);
  const endsAt = accessTokenExpiresIn === null ? null : new Date(Date.now() + accessTokenExpiresIn * 1000);
  return {
    accessTokenExpiresAt: endsAt?.toISOString() ?? null,
    accessTokenExpiresIn,
    idleExpiresIn: secondsOf(verdict.idleExpiresIn),
    absoluteExpiresIn: secondsOf(verdict.absoluteExpiresIn),
    ...{ idleTimeout: null, absoluteTimeout: null, nextBeatIn: null },
    sessionId: session.sessionId ?? null,
    user: session.user ?? null,
    refreshed: true,
  };
}

function verdictOf(verdict: OwnVerdict, session: OwnSession): Verdict {
  const { sessionId = null, user = null } = session;
  if (verdict.kind === 'alive') return { kind: 'alive', body: aliveBodyOf(verdict, session) };
  if (verdict.kind === 'over') return { kind: 'over', reason: verdict.reason, sessionId, user };
  const { reason, retryAfter = RETRY_SECONDS[reason] } = verdict;
  const status = reason === 'rate_limited' ? 429 : 503;
  return { kind: 'later', status, reason, retryAfter: jitteredRetryAfter(retryAfter, null), sessionId, user };
}

/** A copy that the application may keep: no body, and no signal of a client that may leave while others wait. */
function copyOf(request: Request, signal: AbortSignal): Request {
  return new Request(request.url, { method: request.method, headers: request.headers, signal });
}

/** Seconds, or `null` for what is none: a wrong member counts as absent, as in every answer of the contract. */
const secondsOf = (value: unknown): number | null =>
  typeof value === 'number' && value >= 0 && value <= MOST_SECONDS ? value : null;

/** The callback's answer, or a 503 where it is nothing that it may answer: callbacks need not be written in TypeScript. */
function checked(verdict: OwnVerdict, logger: Logger): OwnVerdict {
  const known: unknown = isJsonObject(verdict) ? verdict.kind : null;
  // Headers that cannot be sent throw here, where that is the callback's failure and not the request's.
  const headers = new Headers(verdict?.headers);
  if (known === 'alive') return { ...verdict, headers };
  if (verdict?.kind === 'over')
    return { kind: 'over', reason: isEndReason(verdict.reason) ? verdict.reason : 'revoked', headers };
  if (verdict?.kind === 'later') {
    const retryAfter = secondsOf(verdict.retryAfter);
    const reason = isLaterReason(verdict.reason) ? verdict.reason : unavailable().reason;
    return { kind: 'later', reason, headers, ...(retryAfter === null ? {} : { retryAfter }) };
  }
  logger.error({}, 'the callback "refresh" takes { kind: "alive" | "over" | "later" } back: the session is kept');
  return unavailable();
}

/** Whose session it is, `null` if nobody's. Throws for a session without a key: two of them would share one refresh, and its cookies. */
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

/** Joins the session's refresh or starts it. It is not tied to any request: the tokens it rotates belong to all. */
function join(options: OwnBeatOptions, key: string, request: Request, presence: Presence): Promise<OwnVerdict> {
  const { appOrigin, logger } = options;
  const flights = sharedFlights();
  // A question that must not slide the session never stands in for a user who is there.
  const nameOf = (activity: string) => JSON.stringify([appOrigin, key, activity]);
  const known = flights.get(nameOf('user')) ?? flights.get(nameOf(presence.activity));
  if (known) return known;

  const name = nameOf(presence.activity);
  // Known to be a question, which the user's own beat follows: two refreshes of one session never run at once.
  const question = flights.get(nameOf('none'));
  const run = async (): Promise<OwnVerdict> => {
    await question;
    const signal = AbortSignal.timeout(REFRESH_MS);
    const timedOut = new Promise<OwnVerdict>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'later', reason: 'provider_timeout' }), { once: true });
    });
    const call = async () => checked(await options.refresh(copyOf(request, signal), { ...presence, signal }), logger);
    return Promise.race([call(), timedOut]);
  };
  const verdict = run()
    .catch((error): OwnVerdict => {
      logger.error(errorFacts(error), 'the callback "refresh" failed, the session is kept');
      return unavailable();
    })
    .finally(() => flights.delete(name));
  flights.set(name, verdict);
  outlive(verdict, options);
  return verdict;
}

/** A request has less patience than the refresh, which goes on without it. */
async function withPatience(verdict: Promise<OwnVerdict>): Promise<OwnVerdict> {
  let timer: NodeJS.Timeout | undefined;
  const busy = new Promise<OwnVerdict>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'later', reason: 'busy' }), WAIT_MS);
  });
  try {
    return await Promise.race([verdict, busy]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ours say what the answer is and that it is private; the application's say the rest. */
const OUR_HEADERS = new Set(['content-type', 'content-length', 'cache-control', 'retry-after', 'www-authenticate']);

/** A beat for a session of the application's own. */
export async function beatOwnSession(options: OwnBeatOptions, request: Request, presence: Presence): Promise<Response> {
  const { logger, rateLimiter } = options;
  let session: OwnSession | null;
  try {
    session = await identified(options, request);
  } catch (error) {
    logger.error(errorFacts(error), 'the callback "identify" failed, or gave back no { key: string } and not null');
    return verdictResponse(verdictOf({ kind: 'later', reason: 'store_unavailable' }, { key: '' }));
  }
  if (!session) return verdictResponse({ kind: 'over', reason: 'no_session', sessionId: null, user: null });

  let wait = 0;
  try {
    wait = await rateLimiter.take(session.key);
  } catch (error) {
    logger.error(errorFacts(error), 'the rate limiter failed and lets everybody through');
  }
  if (wait > 0) {
    return verdictResponse(verdictOf({ kind: 'later', reason: 'rate_limited', retryAfter: wait }, session));
  }

  const verdict = await withPatience(join(options, session.key, request, presence));
  const response = verdictResponse(verdictOf(verdict, session));
  for (const [name, value] of new Headers(verdict.headers)) {
    if (!OUR_HEADERS.has(name)) response.headers.append(name, value);
  }
  return response;
}
