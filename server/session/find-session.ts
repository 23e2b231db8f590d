import type { IdleClock } from '../outages/idle-clock.js';
import { isCookieValue, publicSessionId, storeKeyOf } from '../record/handles.js';
import { limitReached } from '../record/limits.js';
import { activityStep } from '../record/timing.js';
import type { SessionRecord } from '../store/store.js';
import { RETRY_SECONDS } from '../verdict/retry-after.js';
import type { Presence } from '../verdict/verdict.js';
import { endSession, type ServiceContext } from './service-context.js';
import { type Ended, type Later, over, type Verdicts } from './verdicts.js';

/** The record of a living session, or the answer if there is none. */
type Found = { kind: 'found'; key: string; record: SessionRecord } | Ended | Later;
/**
 * The user's activity, as a request tells it. A check and a call of the application tell of none.
 */
type Asking = Pick<Presence, 'idleMs' | 'unansweredMs'> | 'question' | 'access';

export type FindSession = (cookie: string | null, asking: Asking) => Promise<Found>;

/**
 * Finds the session of a cookie. Activity is recorded in the same step, after the limits: a session
 * that has reached them stays as it is. All is judged as at the arrival of the request, however
 * long the store takes.
 */
export function createFindSession(
  context: ServiceContext,
  { idle, verdicts }: { idle: IdleClock; verdicts: Verdicts },
): FindSession {
  const { store, limits, now } = context;
  return async (cookie, asking) => {
    const at = now();
    if (cookie === null) return over('no_session', { sessionId: null, user: null });
    if (!isCookieValue(cookie)) return over('unreadable_cookie', { sessionId: null, user: null });
    // A silence that an earlier process has noted may keep the session.
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
    if (stored.ended !== null) return asking === 'access' ? over(stored.ended, stored.facts) : verdicts.ended(stored);
    const record = idle.adjust(stored, at, unansweredMs);
    const reached = limitReached(record, limits, at);
    if (reached === null) {
      if (user) idle.heard(at);
      return { kind: 'found', key, record: { ...record, lastActiveAt: Math.max(record.lastActiveAt, lastActiveAt) } };
    }
    const doubt = reached === 'idle_timeout' && user === null ? idle.doubt(stored, at) : null;
    // The user's own beat may yet tell of an outage: the session is refused here, and not ended.
    if (doubt && asking === 'access') return over(reached, record.facts);
    if (doubt && !doubt.isOnTime) return verdicts.later('activity_unknown', RETRY_SECONDS.activity_unknown);
    const ended = await endSession(context, key, reached, { leaves: true });
    // Another request may have ended it first, for another reason. That reason stays.
    const current = ended ? null : await store.read(key);
    return over(current?.ended ?? reached, record.facts);
  };
}
