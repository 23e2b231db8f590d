import { type EndReason, isEndReason, type LaterReason } from '../contract.js';
import { PRIVATE_HEADERS, problem } from '../http/problem.js';
import type { Verdict } from './verdict.js';

const END_TITLES: Record<EndReason, string> = {
  no_session: 'There is no session',
  unreadable_cookie: 'The session cookie cannot be read',
  idle_timeout: 'The session ended because nobody was active',
  absolute_timeout: 'The session reached its longest life',
  revoked: 'The session was ended',
  no_refresh_token: 'The session ended with its access token',
  refresh_rejected: 'The identity provider ended the session',
  rotation_lost: 'The session lost its place at the identity provider',
  interaction_required: 'The identity provider asks the user to sign in again',
  subject_mismatch: 'The identity provider answered for somebody else',
};

const LATER_TITLES: Record<LaterReason, string> = {
  rate_limited: 'Too many beats',
  provider_unreachable: 'The identity provider cannot be reached',
  provider_timeout: 'The identity provider did not answer in time',
  provider_error: 'The identity provider failed',
  provider_misconfigured: 'The identity provider refused this application',
  store_unavailable: 'The session store cannot be reached',
  busy: 'A refresh is still under way',
  cookie_withheld: 'The browser could not renew a device-bound cookie',
  activity_unknown: 'It is not known yet if the user was active during an outage',
  session_replaced: 'A login has just replaced the session, and its cookie is on the way',
};

/**
 * Makes the HTTP answer for a verdict: 200 with the contract's body, 401 with a challenge (RFC 9110
 * section 15.5.2) that names the judged session, or 429 or 503 with `Retry-After` in whole seconds.
 * A 401 names `readableCookie`. No cookie is ever set or cleared, because a late answer must not
 * clear the cookie of a newer login.
 */
export function verdictResponse(verdict: Verdict, readableCookie?: string): Response {
  switch (verdict.kind) {
    case 'alive':
      return new Response(JSON.stringify(verdict.body), {
        status: 200,
        headers: { ...PRIVATE_HEADERS, 'Content-Type': 'application/json' },
      });
    case 'over': {
      const { reason, sessionId, user } = verdict;
      return problem(401, reason, isEndReason(reason) ? END_TITLES[reason] : 'The session is over', {
        headers: { 'WWW-Authenticate': `Stillhere error="${reason}"` },
        members: { sessionId, user, ...(readableCookie && { cookie: readableCookie }) },
      });
    }
    case 'later': {
      const { kind, status, reason, retryAfter, ...members } = verdict;
      return problem(status, reason, LATER_TITLES[reason], {
        headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfter))) },
        members,
      });
    }
  }
}
