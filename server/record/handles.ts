import { createHash, createHmac, randomBytes } from 'node:crypto';

/** 256 random bits as base64url: what the cookie holds. */
export const newCookieValue = (): string => randomBytes(32).toString('base64url');

/** Tells if a cookie's value has the form of one that this server makes. */
export const isCookieValue = (value: string): boolean => /^[\w-]{43}$/.test(value);

/** Returns the key of a session in the store, which never learns the cookie itself. */
export const storeKeyOf = (cookie: string): string => createHash('sha256').update(cookie).digest('base64url');

/**
 * The session's public handle, 128 bits: tells sessions apart, opens none, and is not the store's
 * key.
 */
export function publicSessionId(cookie: string): string {
  return createHash('sha256')
    .update(`stillhere session handle\0${cookie}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}

/**
 * A public handle for something of the provider's (a subject, a `sid`), 128 bits; `pepper` keeps it
 * from being guessed backwards.
 */
export function providerHandle(pepper: string, label: 'user' | 'sid', issuer: string, value: string): string {
  const mac = createHmac('sha256', pepper).update(JSON.stringify([label, issuer, value]));
  return mac.digest().subarray(0, 16).toString('base64url');
}
