import { type AliveBody, isJsonObject, LATER_REASONS, type LaterReason, LONGEST_SECONDS } from '../contract.js';
import { errorFacts, type Logger } from '../observe/logger.js';
import { jitteredRetryAfter, RETRY_SECONDS } from '../verdict/retry-after.js';
import type { Verdict } from '../verdict/verdict.js';
import type { OwnSession, OwnVerdict } from './own-sessions.js';

type OwnAlive = Extract<OwnVerdict, { kind: 'alive' }>;

/** The answer if a callback failed: the session is kept. */
export const unavailable = () => ({ kind: 'later', reason: 'provider_error' }) as const;

const isLaterReason = (value: unknown): value is LaterReason => (LATER_REASONS as readonly unknown[]).includes(value);

/** A word that can stand in a header and in a log line. Pages get it as it is. */
const isReason = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);

/**
 * Returns seconds, or `null`. A member of another type counts as absent, as in every answer of the
 * contract.
 */
const secondsOf = (value: unknown): number | null =>
  typeof value === 'number' && value >= 0 && value <= LONGEST_SECONDS ? value : null;

/** Returns the milliseconds since the Unix epoch of a date in ISO 8601. */
const instantOf = (value: unknown): number | null => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(at) ? at : null;
};

/** Returns the access token's end, which a callback may give in seconds or as an instant. */
function accessTokenEnd(verdict: OwnAlive): Pick<AliveBody, 'accessTokenExpiresAt' | 'accessTokenExpiresIn'> {
  const now = Date.now();
  const told = secondsOf(verdict.accessTokenExpiresIn);
  const at = told === null ? instantOf(verdict.accessTokenExpiresAt) : now + told * 1_000;
  if (at === null) return { accessTokenExpiresAt: null, accessTokenExpiresIn: null };
  const left = told ?? Math.max(0, (at - now) / 1_000);
  return { accessTokenExpiresAt: new Date(at).toISOString(), accessTokenExpiresIn: left };
}

function aliveBody(verdict: OwnAlive, { sessionId, user }: OwnSession): AliveBody {
  return {
    ...accessTokenEnd(verdict),
    idleExpiresIn: secondsOf(verdict.idleExpiresIn),
    absoluteExpiresIn: secondsOf(verdict.absoluteExpiresIn),
    idleTimeout: secondsOf(verdict.idleTimeout),
    absoluteTimeout: secondsOf(verdict.absoluteTimeout),
    nextBeatIn: secondsOf(verdict.nextBeatIn),
    sessionId: sessionId ?? null,
    user: user ?? null,
    refreshed: verdict.refreshed !== false,
  };
}

/** Makes the contract's verdict from the result of a callback. */
export function contractVerdict(verdict: OwnVerdict, session: OwnSession): Verdict {
  const { sessionId = null, user = null } = session;
  if (verdict.kind === 'alive') return { kind: 'alive', body: aliveBody(verdict, session) };
  if (verdict.kind === 'over') return { kind: 'over', reason: verdict.reason, sessionId, user };
  const { reason, retryAfter = RETRY_SECONDS[reason] } = verdict;
  const status = reason === 'rate_limited' ? 429 : 503;
  return { kind: 'later', status, reason, retryAfter: jitteredRetryAfter(retryAfter, null), sessionId, user };
}

/**
 * Checks the result of the callback `refresh`, which need not be written in TypeScript. If it
 * cannot be read, the session is kept, and the log says so.
 */
export function checkVerdict(verdict: OwnVerdict, logger: Logger): OwnVerdict {
  const known: unknown = isJsonObject(verdict) ? verdict.kind : null;
  // Headers that cannot be sent throw here, so that they count as a failure of the callback.
  const headers = new Headers(verdict?.headers);
  if (known === 'alive') return { ...verdict, headers };
  if (verdict?.kind === 'over') return { kind: 'over', reason: endReason(verdict.reason, logger), headers };
  if (verdict?.kind === 'later') {
    const retryAfter = secondsOf(verdict.retryAfter);
    const reason = isLaterReason(verdict.reason) ? verdict.reason : unavailable().reason;
    return { kind: 'later', reason, headers, ...(retryAfter === null ? {} : { retryAfter }) };
  }
  logger.error(
    { event: 'callback.fail' },
    'the callback "refresh" takes { kind: "alive" | "over" | "later" } back: the session is kept',
  );
  return unavailable();
}

/**
 * Returns the reason of an end, of the contract or the application's own. The session is over even
 * if its reason cannot be passed on.
 */
function endReason(reason: unknown, logger: Logger): string {
  if (isReason(reason)) return reason;
  const takes = new TypeError('a reason takes 1 to 64 letters, digits, "_", "." and "-"');
  logger.warn(
    { event: 'callback.fail', ...errorFacts(takes) },
    'the callback "refresh" ended a session with a reason that no answer can carry',
  );
  return 'revoked';
}
