import type { EndReason } from '../contract.js';
import type { Identity, TokenSet } from '../record/token-set.js';
import type { EndedBy } from '../store/store.js';
import type { Presence, Verdict } from '../verdict/verdict.js';

/**
 * The content of a logout token that the provider has signed. Instants are milliseconds since the
 * Unix epoch.
 */
export interface ProviderLogout {
  issuer: string;
  providerSessionId: string | null;
  subject: string | null;
  issuedAt: number;
  /** Its `jti`. A token counts once. */
  tokenId: string;
  /** After this instant no token with this id is accepted. */
  expiresAt: number;
}

/** The session that `requireSession()` gives to the application's routes. */
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
 * The session service. It holds sessions, enforces their limits, and refreshes each once for all
 * requests that ask at the same time. `cookie` is the raw value of the session cookie (256 random
 * bits in base64url), or `null`.
 */
export interface SessionService {
  /** Records the user's presence, then makes a grant if one is due. */
  beat(cookie: string | null, presence: Presence): Promise<Verdict>;
  /** Tells what is left of the session. Extends nothing, and does not ask the provider. */
  peek(cookie: string | null): Promise<Verdict>;
  /**
   * Returns a fresh access token for the application's own routes. Never moves the idle limit. A
   * token that is due for a refresh but has not expired is returned at once, and refreshed in the
   * background.
   */
  access(
    cookie: string | null,
  ): Promise<{ kind: 'access'; access: SessionAccess } | Exclude<Verdict, { kind: 'alive' }>>;
  /**
   * Stores a new session, and returns its cookie value and public ids. Refuses a session that a
   * back-channel logout has ended already.
   */
  create(input: {
    identity: Identity;
    tokens: TokenSet;
  }): Promise<({ ok: true; cookie: string } & { sessionId: string; user: string }) | { ok: false; reason: EndReason }>;
  /**
   * Ends a session with a tombstone, and resolves when that is stored. Returns what the logout
   * needs, or `null` if there was no session. `by` is for the log, and is `logout` by default. The
   * refresh token is revoked at the provider in the background.
   */
  end(
    cookie: string,
    reason: EndReason,
    by?: EndedBy,
  ): Promise<{ idToken: string | null; sessionId: string; user: string } | null>;
  /**
   * Ends the session of a cookie, if it is alive, because its browser is about to get the cookie of
   * a new session of `user`. For a few seconds, a beat and `peek` that still come with the old
   * cookie are answered `session_replaced`. The refresh token of the same user is not revoked: two
   * logins of one provider session share a grant, and a revocation (RFC 7009 section 2.1) would end
   * the new session.
   */
  replace(cookie: string, user: string): Promise<void>;
  /**
   * Keeps the ID token of an ended session for one call of `takeLogoutHint` within two minutes.
   * Returns its reference, which is a secret.
   */
  leaveLogoutHint(idToken: string): Promise<string>;
  takeLogoutHint(reference: string): Promise<string | null>;
  /**
   * Does a back-channel logout: ends all sessions of (issuer, sid), or of (issuer, sub) if they
   * were created before `issuedAt`. It is remembered for sessions that are created later. Returns
   * `null` for a token that was used before, which changes nothing.
   */
  endByProvider(logout: ProviderLogout): Promise<number | null>;
  /** Finishes and stores the grants that run, then closes the store. No new ones start. */
  close(): Promise<void>;
}
