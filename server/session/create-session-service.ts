import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createSession } from './create-session.js';
import { isCookieValue, publicSessionId, storeKeyOf } from './handles.js';
import { newHolder } from './holder.js';
import { createIdleClock } from './idle-clock.js';
import { createIssuerGate } from './issuer-gate.js';
import { aliveBody, limitReached } from './limits.js';
import { errorFacts, logFailure } from './logger.js';
import { leaveLogoutHint, takeLogoutHint } from './logout-hint.js';
import { NO_METER } from './meter.js';
import { outlive } from './outlive.js';
import { createPatience, type Patience } from './patience.js';
import { endByProvider } from './provider-logout.js';
import { type Outcome, REFRESH_TIMINGS, RETRY_SECONDS } from './refresh-context.js';
import { createRefresher } from './refresher.js';
import { openSession } from './sealed-session.js';
import { endSession, type ServiceContext } from './service-context.js';
import { resolveDurations, type SessionServiceOptions } from './session-options.js';
import { createSlots } from './slots.js';
import type { SessionRecord } from './store.js';
import { createStoreHealth } from './store-health.js';
import { activityStep, isGrantDue, isTokenDue } from './timing.js';
import type { Presence, SessionService, Verdict } from './types.js';
import { createVerdicts, type Ended, type Later } from './verdicts.js';

const GRANTS_AT_ONCE = 16;
const PURGE_EVERY_MS = 60_000;

/** A session's record if it lives, or what to answer. */
type Found = { kind: 'found'; key: string; record: SessionRecord } | Ended | Later;
/** What a request tells of the user; a question and a call of the application tell of no activity. */
type Asking = Pick<Presence, 'idleMs' | 'unansweredMs'> | 'question' | 'access';

const BUSY: Outcome = { kind: 'later', reason: 'busy', retryAfter: RETRY_SECONDS.busy };

/**
 * The session service over a store and an OpenID provider. Throws a TypeError naming the option that is wrong.
 *
 * @example
 * const service = createSessionService({ issuer, store: await sqliteStore('data/sessions.db'), keys: createKeyRing(keys), logger });
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
  const running = new Set<Promise<unknown>>();

  /** Work that goes on after the answer; `close` waits for it. */
  const beside = (work: Promise<unknown>): void => {
    running.add(work);
    const done = () => running.delete(work);
    work.then(done, done);
    outlive(work, options);
  };

  let pepper = randomBytes(32).toString('base64url');
  const context: ServiceContext = {
    ...{ store, health, keys, logger, now, limits, refreshTokenIdleMs, beside },
    logSubject: options.logSubject ?? false,
    issuer: async () => (typeof issuer === 'function' ? issuer() : issuer),
    // Asked for each time: a store that was emptied gets it back from the first process that asks, and all others take that one's.
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

  const { over, later, ended: sayEnded } = createVerdicts({ limits, now });

  /**
   * The session of a cookie. Activity is recorded in the same step, after the limits: one that has reached them stays as it is. All is judged
   * as at the arrival of the request, however long the store takes.
   */
  async function find(cookie: string | null, asking: Asking): Promise<Found> {
    const at = now();
    if (cookie === null) return over('no_session', { sessionId: null, user: null });
    if (!isCookieValue(cookie)) return over('unreadable_cookie', { sessionId: null, user: null });
    await idle.ready();
    const key = storeKeyOf(cookie);
    const user = typeof asking === 'string' ? null : asking;
    const unansweredMs = user?.unansweredMs ?? 0;
    const lastActiveAt = user === null ? Number.NEGATIVE_INFINITY : at - Math.max(0, user.idleMs);
    const step = activityStep(limits.idleMs);
    const stored =
      user === null
        ? await store.read(key)
        : await store.readAndTouch(key, { at: lastActiveAt, step, after: idle.since(at, unansweredMs) });
    if (!stored) return over('no_session', { sessionId: publicSessionId(cookie), user: null });
    if (stored.ended !== null) return asking === 'access' ? over(stored.ended, stored.facts) : sayEnded(stored);
    const record = idle.adjust(stored, at, unansweredMs);
    const reached = limitReached(record, limits, at);
    if (reached === null) {
      if (user) idle.heard(at);
      return { kind: 'found', key, record: { ...record, lastActiveAt: Math.max(record.lastActiveAt, lastActiveAt) } };
    }
    const doubt = reached === 'idle_timeout' && user === null ? idle.doubt(stored, at) : null;
    // The user's own beat may yet say that it was an outage: the session is refused here, and not ended.
    if (doubt && asking === 'access') return over(reached, record.facts);
    if (doubt && !doubt.isOnTime) return later('activity_unknown', RETRY_SECONDS.activity_unknown);
    const ended = await endSession(context, key, reached, { leaves: true });
    // Somebody else may have ended it first, for another reason; theirs is the one that stays.
    const current = ended ? null : await store.read(key);
    return over(current?.ended ?? reached, record.facts);
  }

  /** Waits for the session's refresh, which goes on if this request loses patience. */
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

  /** Questions under way: the store stays open until they are answered. */
  const asking = new Set<Promise<unknown>>();

  /** Work that asks the store, within the time that one request has for it. */
  function inTime<T>(work: (patience: Patience) => Promise<T>): Promise<T> {
    const begun = health.start();
    const patience = createPatience(storeTimeoutMs, (error) => health.late(begun, error));
    const asked = work(patience);
    asking.add(asked);
    const done = () => asking.delete(asked);
    asked.then(done, done);
    return patience.limit(asked);
  }

  /** A store that fails says nothing about any session: 503, never 401. */
  async function guarded<T>(work: (patience: Patience) => Promise<T>): Promise<T | Later> {
    try {
      return await inTime(work);
    } catch (error) {
      logFailure(logger, 'error', error, 'a session could not be judged', { event: 'store.fail' });
      return later('store_unavailable', RETRY_SECONDS.store_unavailable);
    }
  }

  async function secondsToWait(key: string): Promise<number> {
    try {
      return (await rateLimiter?.take(key)) ?? 0;
    } catch (error) {
      logger.error(
        { event: 'limiter.fail', ...errorFacts(error) },
        'the rate limiter failed and lets everybody through',
      );
      return 0;
    }
  }

  /** Above the rate activity is not recorded. Sessions that the limiter has not met cost it no memory here. */
  async function isOverRate(cookie: string | null): Promise<boolean> {
    try {
      return cookie !== null && (await rateLimiter?.wouldRefuse?.(storeKeyOf(cookie))) === true;
    } catch {
      // The count that follows fails too, and is logged.
      return false;
    }
  }

  async function beat(cookie: string | null, presence: Presence, patience: Patience): Promise<Verdict> {
    const counts = presence.activity === 'user' && !(await isOverRate(cookie));
    const found = await find(cookie, counts ? presence : 'question');
    if (found.kind !== 'found') return found;
    const { key, record } = found;
    const wait = await secondsToWait(key);
    if (wait > 0) return later('rate_limited', wait, record);
    if (!isGrantDue(record.facts, now(), refreshAfterMs)) {
      return { kind: 'alive', body: aliveBody(record, limits, now(), false) };
    }
    const outcome = await patience.exempt(awaitRefresh(record));
    // A login may have replaced the session while it was refreshed.
    if (outcome.kind === 'over') return sayEnded({ ...((await store.read(key)) ?? record), ended: outcome.reason });
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
        while (running.size > 0) await Promise.allSettled(running);
        await Promise.allSettled(asking);
        health.stop();
        await store.close();
      })();
      return closed;
    },
  };
}
