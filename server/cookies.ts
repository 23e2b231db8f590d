import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import { PUBLIC_COOKIE } from './contract.js';
import { readCookie } from './read-cookie.js';

export interface SessionCookies {
  /** Name of the session cookie: the credential, never readable by scripts. */
  readonly session: string;
  /** Name of the readable cookie: the session's public id. */
  readonly readable: string;
  /** Prefix of the cookies of login attempts. */
  readonly attempts: string;
  readonly secure: boolean;
}

/**
 * Cookie names, decided by APP_ORIGIN and never by the request: `__Host-` (RFC 6265bis section 4.1.3.2) makes a cookie one that no sibling
 * domain can plant; on http loopback browsers refuse the prefix. `name` tells a second application on one host apart.
 */
export function sessionCookies(appOrigin: string, name: string | null): SessionCookies {
  const secure = appOrigin.startsWith('https:');
  const suffix = name ? `-${name}` : '';
  const session = `${secure ? '__Host-' : ''}stillhere${suffix}`;
  return { session, readable: `${PUBLIC_COOKIE}${suffix}`, attempts: `${session}-login-`, secure };
}

/** Options of every cookie of ours but the readable one. `Lax`: the provider's redirect back must bring them. */
export function hiddenCookie({ secure }: SessionCookies) {
  return { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const;
}

/** The raw session cookie of a request, or `null`: read as the beat reads it, or two routes would tell one browser two things. */
export function readSessionCookie(context: Context, cookies: SessionCookies): string | null {
  return readCookie(context.req.header('cookie') ?? null, cookies.session);
}

/** Sets both cookies. Without `Max-Age`: they end with the browser's session, and the server's limits hold anyway. */
export function setSessionCookies(context: Context, cookies: SessionCookies, cookie: string, sessionId: string): void {
  setCookie(context, cookies.session, cookie, hiddenCookie(cookies));
  setCookie(context, cookies.readable, sessionId, { path: '/', secure: cookies.secure, sameSite: 'Lax' });
}

/** Clears both cookies. */
export function clearSessionCookies(context: Context, cookies: SessionCookies): void {
  setCookie(context, cookies.session, '', { ...hiddenCookie(cookies), maxAge: 0 });
  setCookie(context, cookies.readable, '', { path: '/', secure: cookies.secure, sameSite: 'Lax', maxAge: 0 });
}
