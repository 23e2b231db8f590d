import type { EndReason, LaterReason } from '../contract.js';
import { type Limits, remaining } from '../record/limits.js';
import type { SessionRecord } from '../store/store.js';
import { jitteredRetryAfter, RETRY_SECONDS } from '../verdict/retry-after.js';
import type { PublicHandles, Verdict } from '../verdict/verdict.js';

export type Ended = Extract<Verdict, { kind: 'over' }>;
export type Later = Extract<Verdict, { kind: 'later' }>;

/**
 * The time after a login in which the browser may still send the cookie of the replaced session, in
 * milliseconds. The login's answer, which brings the new cookie, leaves after the old session has
 * ended.
 */
export const REPLACED_MS = 5_000;

export const over = (reason: EndReason, { sessionId, user }: PublicHandles): Ended => ({
  kind: 'over',
  reason,
  sessionId,
  user,
});

/** Makes the verdicts that a session service gives on its sessions. */
export function createVerdicts({ limits, now }: { limits: Limits; now: () => number }) {
  return {
    later(reason: LaterReason, seconds: number, record?: SessionRecord): Later {
      const left = record ? remaining(record, limits, now()) : null;
      const retryAfter = jitteredRetryAfter(seconds, left?.idleExpiresIn ?? null);
      const answer: Later = { kind: 'later', status: reason === 'rate_limited' ? 429 : 503, reason, retryAfter };
      const handles = record && { sessionId: record.facts.sessionId, user: record.facts.user };
      // Above the rate the activity is not recorded, so the answer does not tell what is left.
      return { ...answer, ...handles, ...(reason !== 'rate_limited' && left) };
    },

    /**
     * The answer for a session that has ended. If a login in the same browser has just replaced it,
     * pages are told to come back: they are about to have a session, and one that is told of an end
     * would show it. The old session is refused all the same.
     */
    ended({ ended, facts, replacedAt }: Pick<SessionRecord, 'ended' | 'facts' | 'replacedAt'>): Ended | Later {
      const isJustReplaced = replacedAt !== undefined && Math.abs(now() - replacedAt) < REPLACED_MS;
      if (!isJustReplaced) return over(ended ?? 'revoked', facts);
      const { sessionId, user } = facts;
      const retryAfter = RETRY_SECONDS.session_replaced;
      return { kind: 'later', status: 503, reason: 'session_replaced', retryAfter, sessionId, user };
    },
  };
}

export type Verdicts = ReturnType<typeof createVerdicts>;
