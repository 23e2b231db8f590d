import { RETRY_SECONDS } from './retry-after.js';
import type { PublicHandles, Verdict } from './verdict.js';

/**
 * Tells if the browser left a device-bound cookie out of the request because it could not renew it.
 * Such a request says nothing about the session: the answer is "later", never its end.
 *
 * @see Device Bound Session Credentials, the header field `Secure-Session-Skipped`:
 * https://w3c.github.io/webappsec-dbsc/
 */
export const isCookieWithheld = (request: Request): boolean => request.headers.has('secure-session-skipped');

/** The verdict for a request whose cookie the browser withheld. */
export const withheldVerdict = ({ sessionId, user }: PublicHandles): Verdict => {
  const reason = 'cookie_withheld';
  return { kind: 'later', status: 503, reason, retryAfter: RETRY_SECONDS[reason], sessionId, user };
};

/**
 * Returns the verdict for a session that Stillhere holds. If its cookie is absent, nothing is known
 * of it. If its cookie is there, its end is known.
 */
export const unlessWithheld = <T extends { kind: string }>(request: Request, cookie: string | null, verdict: T) =>
  verdict.kind === 'over' && cookie === null && isCookieWithheld(request)
    ? withheldVerdict({ sessionId: null, user: null })
    : verdict;
