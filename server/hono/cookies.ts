import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { PUBLIC_COOKIE } from '../contract.js';
import { readCookie } from '../http/read-cookie.js';

export interface SessionCookies {
  /** Name of the session cookie: the credential, never readable by scripts. */
  readonly session: string;
  /** Name of the readable cookie: the session's public id. */
  readonly readable: string;
  /** Prefix of the cookies of login attempts. */
  readonly attempts: string;
  readonly secure: boolean;
  /**
   * How long the browser keeps both cookies, in seconds; `undefined`: until the browser's session
   * ends.
   */
  readonly maxAge: number | undefined;
}

/**
 * Cookie names, decided by APP_ORIGIN and never by the request: `__Host-` (RFC 6265bis section
 * 4.1.3.2) makes a cookie one that no sibling domain can plant; on http loopback browsers refuse
 * the prefix. `name` tells a second application on one host apart.
 */
export function sessionCookies(appOrigin: string, name: string | null, maxAge?: number): SessionCookies {
  const secure = appOrigin.startsWith('https:');
  const suffix = name ? `-${name}` : '';
  const session = `${secure ? '__Host-' : ''}stillhere${suffix}`;
  return { session, readable: `${PUBLIC_COOKIE}${suffix}`, attempts: `${session}-login-`, secure, maxAge };
}

/**
 * Options of every cookie of ours but the readable one. `Lax`: the provider's redirect back must
 * bring them.
 */
export function hiddenCookie({ secure }: SessionCookies) {
  return { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const;
}

/**
 * The raw session cookie of a request, or `null`: read as the beat reads it, or two routes would
 * tell one browser two things.
 */
export function readSessionCookie(context: Context, cookies: SessionCookies): string | null {
  return readCookie(context.req.header('cookie') ?? null, cookies.session);
}

/**
 * Sets both cookies, for the same time: the readable one must neither outlast the other nor go
 * before it.
 */
export function setSessionCookies(context: Context, cookies: SessionCookies, cookie: string, sessionId: string): void {
  const { secure, maxAge } = cookies;
  const lifetime = maxAge === undefined ? {} : { maxAge };
  setCookie(context, cookies.session, cookie, { ...hiddenCookie(cookies), ...lifetime });
  setCookie(context, cookies.readable, sessionId, { path: '/', secure, sameSite: 'Lax', ...lifetime });
}

/** Clears both cookies, and what attempts to log in have left. */
export function clearSessionCookies(context: Context, cookies: SessionCookies): void {
  setCookie(context, cookies.session, '', { ...hiddenCookie(cookies), maxAge: 0 });
  setCookie(context, cookies.readable, '', { path: '/', secure: cookies.secure, sameSite: 'Lax', maxAge: 0 });
  clearAttempts(context, cookies);
}

/**
 * Takes the cookies of login attempts out of the browser: all that came with the request, or those
 * that `which` picks.
 */
export function clearAttempts(
  context: Context,
  cookies: SessionCookies,
  which: (attempts: [name: string, value: string][]) => [name: string, value: string][] = (attempts) => attempts,
): void {
  const attempts = Object.entries(getCookie(context)).filter(([name]) => name.startsWith(cookies.attempts));
  for (const [name] of which(attempts)) setCookie(context, name, '', { ...hiddenCookie(cookies), maxAge: 0 });
}
