import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { logFailure } from '../observe/logger.js';
import { NO_METER } from '../observe/meter.js';
import { outlive } from '../observe/outlive-response.js';
import { createIdleClock } from '../outages/idle-clock.js';
import { createPatience, type Patience } from '../outages/patience.js';
import { createStoreHealth } from '../outages/store-health.js';
import { createIssuerGate } from '../provider/issuer-gate.js';
import { guardLimiter } from '../rates/guard-limiter.js';
import { isCookieValue, storeKeyOf } from '../record/handles.js';
import { aliveBody } from '../record/limits.js';
import { openSession } from '../record/sealed-session.js';
import { isGrantDue, isTokenDue } from '../record/timing.js';
import { newHolder } from '../refresh/holder.js';
import { type Outcome, REFRESH_TIMINGS } from '../refresh/refresh-context.js';
import { createRefresher } from '../refresh/refresher.js';
import { createSlots } from '../refresh/slots.js';
import type { SessionRecord } from '../store/store.js';
import { RETRY_SECONDS } from '../verdict/retry-after.js';
import type { Presence, Verdict } from '../verdict/verdict.js';
import { createSession } from './create-session.js';
import { createFindSession } from './find-session.js';
import { leaveLogoutHint, takeLogoutHint } from './logout-hint.js';
import { endByProvider } from './provider-logout.js';
import { endSession, type ServiceContext } from './service-context.js';
import { resolveDurations, type SessionServiceOptions } from './session-options.js';
import type { SessionService } from './session-service.js';
import { createUnderWay } from './under-way.js';
import { createVerdicts, type Later, over } from './verdicts.js';

const GRANTS_AT_ONCE = 16;
const PURGE_EVERY_MS = 60_000;

const BUSY: Outcome = { kind: 'later', reason: 'busy', retryAfter: RETRY_SECONDS.busy };

/**
 * Makes the session service over a store and an OpenID provider.
 *
 * @throws {TypeError} naming the option that is wrong.
 * @example
 * const store = await sqliteStore('data/sessions.db');
 * const service = createSessionService({ issuer, store, keys: createKeyRing(keys), logger });
 * const verdict = await service.beat(cookie, { activity: 'user', idleMs: 0 });
 */
export function createSessionService(options: SessionServiceOptions): SessionService {
  const { keys, logger, issuer, rateLimiter, meter = NO_METER, now = Date.now } = options;
  const durations = resolveDurations(options);
  const { waitTimeoutMs, storeTimeoutMs, refreshAfterMs, refreshTokenIdleMs } = durations;
  const health = createStoreHealth({ store: options.store, now, logger, callMs: 2 * storeTimeoutMs });
  const { store } = health;
  const limits = { idleMs: durations.idleMs, absoluteMs: durations.absoluteMs };
  const closing = new AbortController();
  // Each grant that pauses listens to it: more than ten are no leak.
  setMaxListeners(0, closing.signal);
  const underWay = createUnderWay((work) => outlive(work, options));
  const { beside } = underWay;

  let pepper = randomBytes(32).toString('base64url');
  const context: ServiceContext = {
    ...{ store, health, keys, logger, now, limits, refreshTokenIdleMs, beside },
    logSubject: options.logSubject ?? false,
    issuer: async () => (typeof issuer === 'function' ? issuer() : issuer),
    // It is read each time. If the store was emptied, the first process that asks stores its own
    // value, and all others take that.
    async pepper() {
      pepper = await store.keepOnce('pepper', pepper);
      return pepper;
    },
  };
  const idle = createIdleClock({ store, health, limits, now, beside });
  beside(idle.ready());
  const refresher = createRefresher({
    ...context,
    idle,
    meter,
    holder: newHolder(),
    slots: createSlots(GRANTS_AT_ONCE),
    gate: createIssuerGate(now),
    ...{ refreshAfterMs, tokenTimeoutMs: durations.tokenTimeoutMs, closing: closing.signal },
    timings: { ...REFRESH_TIMINGS, ...options.timings },
  });

  const verdicts = createVerdicts({ limits, now });
  const { later } = verdicts;
  const find = createFindSession(context, { idle, verdicts });
  const limiter = guardLimiter(rateLimiter, logger);

  /** Waits for the session's refresh, which goes on if this request stops waiting. */
  async function awaitRefresh(record: SessionRecord): Promise<Outcome> {
    if (closing.signal.aborted) return BUSY;
    const { outcome, leave } = refresher.join(record);
    let timer: NodeJS.Timeout | undefined;
    const lost = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve(BUSY), waitTimeoutMs);
    });
    try {
      return await Promise.race([outcome, lost]);
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  /** Does work with the store within the time that one request has for it. */
  function inTime<T>(work: (patience: Patience) => Promise<T>): Promise<T> {
    const begun = health.start();
    const patience = createPatience(storeTimeoutMs, (error) => health.late(begun, error));
    return patience.limit(underWay.asked(work(patience)));
  }

  /** Answers 503 if the store fails, never 401: a failure says nothing about a session. */
  async function guarded<T>(work: (patience: Patience) => Promise<T>): Promise<T | Later> {
    try {
      return await inTime(work);
    } catch (error) {
      logFailure(logger, 'error', error, 'a session could not be judged', { event: 'store.fail' });
      return later('store_unavailable', RETRY_SECONDS.store_unavailable);
    }
  }

  async function beat(cookie: string | null, presence: Presence, patience: Patience): Promise<Verdict> {
    const isUser = presence.activity === 'user';
    // Above the rate activity is not recorded. `wouldRefuse` costs the limiter no memory.
    const isOverRate = isUser && cookie !== null && (await limiter.wouldRefuse(storeKeyOf(cookie)));
    const found = await find(cookie, isUser && !isOverRate ? presence : 'question');
    if (found.kind !== 'found') return found;
    const { key, record } = found;
    const wait = await limiter.take(key);
    if (wait > 0) return later('rate_limited', wait, record);
    if (!isGrantDue(record.facts, now(), refreshAfterMs)) {
      return { kind: 'alive', body: aliveBody(record, limits, now(), false) };
    }
    const outcome = await patience.exempt(awaitRefresh(record));
    // A login may have replaced the session while it was refreshed.
    if (outcome.kind === 'over')
      return verdicts.ended({ ...((await store.read(key)) ?? record), ended: outcome.reason });
    if (outcome.kind === 'later') return later(outcome.reason, outcome.retryAfter, record);
    const { record: fresh, granted } = outcome;
    const seen = { ...fresh, lastActiveAt: Math.max(fresh.lastActiveAt, record.lastActiveAt) };
    return { kind: 'alive', body: aliveBody(seen, limits, now(), granted) };
  }

  async function access(cookie: string | null, patience: Patience): ReturnType<SessionService['access']> {
    const found = await find(cookie, 'access');
    if (found.kind !== 'found') return found;
    const { key } = found;
    let { record } = found;
    if (isTokenDue(record.facts, now())) {
      const refreshed = awaitRefresh(record);
      const { accessExpiresAt } = record.facts;
      if (accessExpiresAt !== null && accessExpiresAt <= now()) {
        const outcome = await patience.exempt(refreshed);
        if (outcome.kind === 'over') return over(outcome.reason, record.facts);
        if (outcome.kind === 'later') return later(outcome.reason, outcome.retryAfter, record);
        record = outcome.record;
      }
    }
    const { facts } = record;
    const sealed = await store.readSealed(key);
    if (sealed === null) return over((await store.read(key))?.ended ?? 'no_session', facts);
    const session = await openSession(keys, key, sealed);
    if (!session) return over('unreadable_cookie', facts);
    if (now() >= session.absoluteEndAt) return over('absolute_timeout', facts);
    const { sessionId, user, accessExpiresAt: accessTokenExpiresAt } = facts;
    const { accessToken, idToken } = session.tokens;
    const subject = session.subject;
    return { kind: 'access', access: { sessionId, user, subject, accessToken, accessTokenExpiresAt, idToken } };
  }

  let purgedAt = Number.NEGATIVE_INFINITY;
  const purgeBeside = () => {
    if (now() - purgedAt < PURGE_EVERY_MS) return;
    purgedAt = now();
    beside(
      store
        .purge(now(), closing.signal)
        .catch((error) => logFailure(logger, 'warn', error, 'old sessions were not purged', { event: 'store.fail' })),
    );
  };

  let warned = refreshTokenIdleMs !== null;
  let closed: Promise<void> | null = null;
  return {
    beat: (cookie, presence) => guarded((patience) => beat(cookie, presence, patience)),
    peek: (cookie) =>
      guarded(async () => {
        const found = await find(cookie, 'question');
        if (found.kind !== 'found') return found;
        return { kind: 'alive', body: aliveBody(found.record, limits, now(), false) };
      }),
    access: (cookie) => guarded((patience) => access(cookie, patience)),
    async create(input) {
      const { refreshToken, refreshExpiresIn } = input.tokens;
      if (!warned && refreshToken !== null && !(refreshExpiresIn !== null && refreshExpiresIn > 0)) {
        logger.warn(
          { event: 'provider.setting' },
          'the provider does not say how long its refresh tokens may idle: set REFRESH_TOKEN_IDLE',
        );
        warned = true;
      }
      const creating = createSession(context, input);
      try {
        const created = await inTime(() => creating);
        purgeBeside();
        return created;
      } catch (error) {
        // One that is stored after all belongs to no browser.
        beside(
          creating
            .then((late) => (late.ok ? endSession(context, storeKeyOf(late.cookie), 'revoked') : null))
            .catch(() => null),
        );
        throw error;
      }
    },
    async end(cookie, reason, by = 'logout') {
      if (!isCookieValue(cookie)) return null;
      const ended = await inTime(() => endSession(context, storeKeyOf(cookie), reason, { by }));
      if (!ended) return null;
      const { sessionId, user } = ended.facts;
      return { idToken: ended.session?.tokens.idToken ?? null, sessionId, user };
    },
    replace: (cookie, user) =>
      inTime(async () => {
        const found = await find(cookie, 'question');
        if (found.kind === 'over') return;
        // If it is not known yet whether it has ended, its record is needed all the same.
        const record = found.kind === 'found' ? found.record : await store.read(storeKeyOf(cookie));
        const leaves = record?.facts.user === user;
        await endSession(context, storeKeyOf(cookie), 'revoked', { leaves, by: 'login', replacedAt: now() });
      }),
    leaveLogoutHint: (idToken) => inTime(() => leaveLogoutHint(context, idToken)),
    takeLogoutHint: (reference) => inTime(() => takeLogoutHint(context, reference)),
    endByProvider: (logout) => inTime(() => endByProvider(context, logout)),
    close() {
      closed ??= (async () => {
        closing.abort();
        await underWay.settled();
        health.stop();
        await store.close();
      })();
      return closed;
    },
  };
}
