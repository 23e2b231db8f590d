import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { PUBLIC_COOKIE } from '../contract.js';
import { readCookie } from '../http/read-cookie.js';

export interface SessionCookies {
  /** The name of the session cookie, which is the credential. Scripts can never read it. */
  readonly session: string;
  /** The name of the readable cookie, which holds the session's public id. */
  readonly readable: string;
  /** The prefix of the cookies of login attempts. */
  readonly attempts: string;
  readonly secure: boolean;
  /**
   * How long the browser keeps both cookies, in seconds. `undefined`: until the browser's own
   * session ends.
   */
  readonly maxAge: number | undefined;
}

/**
 * Decides the cookie names by the application's origin, never by the request. No sibling domain can
 * plant a cookie with the prefix `__Host-` (RFC 6265bis section 4.1.3.2). Browsers refuse that
 * prefix on http loopback. `name` distinguishes several applications on one host.
 */
export function sessionCookies(appOrigin: string, name: string | null, maxAge?: number): SessionCookies {
  const secure = appOrigin.startsWith('https:');
  const suffix = name ? `-${name}` : '';
  const session = `${secure ? '__Host-' : ''}stillhere${suffix}`;
  return { session, readable: `${PUBLIC_COOKIE}${suffix}`, attempts: `${session}-login-`, secure, maxAge };
}

/**
 * The options of every cookie but the readable one. `Lax`, because the provider's redirect back to
 * the application must bring them.
 */
export function hiddenCookie({ secure }: SessionCookies) {
  return { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const;
}

/**
 * Returns the raw session cookie of a request, or `null`. It is read as the beat reads it, so that
 * two routes never give one browser contradictory answers.
 */
export function readSessionCookie(context: Context, cookies: SessionCookies): string | null {
  return readCookie(context.req.header('cookie') ?? null, cookies.session);
}

/**
 * Sets both cookies, for the same time. The readable one must end neither later nor sooner than the
 * other.
 */
export function setSessionCookies(context: Context, cookies: SessionCookies, cookie: string, sessionId: string): void {
  const { secure, maxAge } = cookies;
  const lifetime = maxAge === undefined ? {} : { maxAge };
  setCookie(context, cookies.session, cookie, { ...hiddenCookie(cookies), ...lifetime });
  setCookie(context, cookies.readable, sessionId, { path: '/', secure, sameSite: 'Lax', ...lifetime });
}

/** Clears both cookies, and those of login attempts. */
export function clearSessionCookies(context: Context, cookies: SessionCookies): void {
  setCookie(context, cookies.session, '', { ...hiddenCookie(cookies), maxAge: 0 });
  setCookie(context, cookies.readable, '', { path: '/', secure: cookies.secure, sameSite: 'Lax', maxAge: 0 });
  clearAttempts(context, cookies);
}

/**
 * Clears the cookies of login attempts: all that came with the request, or those that `which`
 * picks.
 */
export function clearAttempts(
  context: Context,
  cookies: SessionCookies,
  which: (attempts: [name: string, value: string][]) => [name: string, value: string][] = (attempts) => attempts,
): void {
  const attempts = Object.entries(getCookie(context)).filter(([name]) => name.startsWith(cookies.attempts));
  for (const [name] of which(attempts)) setCookie(context, name, '', { ...hiddenCookie(cookies), maxAge: 0 });
}
