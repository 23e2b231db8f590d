import { isCookieValue, newCookieValue, storeKeyOf } from '../record/handles.js';
import type { ServiceContext } from './service-context.js';

/** How long an ID token waits for the browser that takes it to the provider, in milliseconds. */
export const LOGOUT_HINT_MS = 120_000;

const nameOf = (reference: string): string => `logout hint ${storeKeyOf(reference)}`;

type Needed = Pick<ServiceContext, 'store' | 'keys' | 'now'>;

/**
 * Leaves the ID token of a session that was ended, sealed, and returns the reference (256 random
 * bits) that gets it back once.
 */
export async function leaveLogoutHint({ store, keys, now }: Needed, idToken: string): Promise<string> {
  const reference = newCookieValue();
  const name = nameOf(reference);
  const text = await keys.seal(name, { idToken });
  const leftAt = now();
  await store.leave({ name, text, now: leftAt, expiresAt: leftAt + LOGOUT_HINT_MS });
  return reference;
}

/**
 * The ID token that was left under a reference; `null` if it was taken before, is too old, or was
 * never there.
 */
export async function takeLogoutHint({ store, keys, now }: Needed, reference: string): Promise<string | null> {
  if (!isCookieValue(reference)) return null;
  const name = nameOf(reference);
  const text = await store.take(name, now());
  const hint = text === null ? null : await keys.open(name, text);
  return typeof hint?.idToken === 'string' ? hint.idToken : null;
}
