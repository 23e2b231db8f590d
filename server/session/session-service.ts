import type { EndReason } from '../contract.js';
import type { Identity, TokenSet } from '../record/token-set.js';
import type { EndedBy } from '../store/store.js';
import type { Presence, Verdict } from '../verdict/verdict.js';

/**
 * What a logout token says, which the provider signed. Instants are milliseconds since the epoch.
 */
export interface ProviderLogout {
  issuer: string;
  providerSessionId: string | null;
  subject: string | null;
  issuedAt: number;
  /** Its `jti`: a token is good once. */
  tokenId: string;
  /** No token with this id is accepted any more. */
  expiresAt: number;
}

/** What `requireSession()` hands to the application's routes. */
export interface SessionAccess {
  sessionId: string;
  user: string;
  subject: string;
  accessToken: string;
  /** Milliseconds since the epoch, or `null`. */
  accessTokenExpiresAt: number | null;
  idToken: string | null;
}

/**
 * The session service: holds sessions, enforces their limits and refreshes them once, whoever asks.
 * `cookie` is the raw value of the session cookie (256 random bits, base64url), or `null`.
 */
export interface SessionService {
  /** Records presence, then refreshes if a grant is due. */
  beat(cookie: string | null, presence: Presence): Promise<Verdict>;
  /** What is left, extending nothing and asking no provider. */
  peek(cookie: string | null): Promise<Verdict>;
  /**
   * A fresh access token for the application's own routes. Never moves the idle limit. Hands out a
   * due but unexpired token at once and refreshes beside it.
   */
  access(
    cookie: string | null,
  ): Promise<{ kind: 'access'; access: SessionAccess } | Exclude<Verdict, { kind: 'alive' }>>;
  /**
   * Stores a new session and returns its cookie value and public handles; refuses one that a
   * back-channel logout already ended.
   */
  create(input: {
    identity: Identity;
    tokens: TokenSet;
  }): Promise<({ ok: true; cookie: string } & { sessionId: string; user: string }) | { ok: false; reason: EndReason }>;
  /**
   * Ends a session with a tombstone; resolves once it is stored. Returns what logout needs, or
   * `null` where there was nothing to end. `by` is for the log, by default `logout`. Revokes the
   * refresh token at the provider beside the answer, not before it.
   */
  end(
    cookie: string,
    reason: EndReason,
    by?: EndedBy,
  ): Promise<{ idToken: string | null; sessionId: string; user: string } | null>;
  /**
   * Ends the session of a cookie, if it lives, because its browser is about to get the cookie of a
   * new session of `user`. For a few seconds a beat and `peek` that still come with the old cookie
   * are answered `session_replaced`. The refresh token of the same user is left alone: two logins
   * of one provider session share a grant, and a revocation (RFC 7009 section 2.1) would end the
   * new session.
   */
  replace(cookie: string, user: string): Promise<void>;
  /**
   * Leaves the ID token of a session that was ended for one `takeLogoutHint` within two minutes;
   * returns its reference, a secret.
   */
  leaveLogoutHint(idToken: string): Promise<string>;
  takeLogoutHint(reference: string): Promise<string | null>;
  /**
   * Back-channel logout: ends all sessions of (issuer, sid), or of (issuer, sub) created before
   * `issuedAt`; remembered for creations that come later. `null` for a token that was used before,
   * which changes nothing.
   */
  endByProvider(logout: ProviderLogout): Promise<number | null>;
  /** Finishes and stores the grants that run, then closes the store. No new ones start. */
  close(): Promise<void>;
}
