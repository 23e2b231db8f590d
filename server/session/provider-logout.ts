import { createHash } from 'node:crypto';
import { providerHandle } from '../record/handles.js';
import { logoutNote } from './create-session.js';
import { type ServiceContext, TOMBSTONE_MS } from './service-context.js';
import type { ProviderLogout } from './session-service.js';

/**
 * How far the provider's clock, by which a logout is dated, may be off ours, by which sessions are.
 */
export const CLOCK_TOLERANCE_MS = 30_000;

/** Of a fixed length, whatever the provider takes for an id. */
const tokenName = ({ issuer, tokenId }: ProviderLogout): string =>
  `logout token ${createHash('sha256')
    .update(JSON.stringify([issuer, tokenId]))
    .digest('base64url')}`;

/**
 * The latest creation of a session that the token means. The first time that is up to its date, as
 * two clocks may tell that. Whenever the token comes again (a retry, a replay, both at once), it is
 * also up to its first arrival: a session that began later is never meant.
 */
async function latestCreation({ store, now }: ServiceContext, logout: ProviderLogout): Promise<number> {
  const name = `${tokenName(logout)} seen`;
  const { issuedAt, expiresAt } = logout;
  const at = now();
  // Negative: a store keeps the greatest value of a name, and the first arrival is the least.
  const isFirst = await store.remember({ name, value: -at, now: at, expiresAt });
  const seen = isFirst ? null : await store.recall(name, at);
  return Math.min(issuedAt + CLOCK_TOLERANCE_MS, seen === null ? Number.POSITIVE_INFINITY : -seen);
}

/**
 * Ends what the token names, and remembers it first, so that a login under way at the same time
 * does not slip through.
 */
async function endNamed(context: ServiceContext, logout: ProviderLogout): Promise<number> {
  const { store } = context;
  const { issuer, providerSessionId, subject, issuedAt } = logout;
  const pepper = await context.pepper();
  const createdUpTo = await latestCreation(context, logout);
  const now = context.now();
  const note = (name: string) => store.remember({ name, value: issuedAt, now, expiresAt: now + TOMBSTONE_MS });
  if (providerSessionId !== null) {
    const sidKey = providerHandle(pepper, 'sid', issuer, providerSessionId);
    await note(logoutNote.ofProviderSession(sidKey));
    return (await store.endAll({ sidKey }, 'revoked')).length;
  }
  if (subject === null) return 0;
  const user = providerHandle(pepper, 'user', issuer, subject);
  await note(logoutNote.ofUser(user));
  return (await store.endAll({ user, createdUpTo }, 'revoked')).length;
}

/**
 * Ends what a back-channel logout names (OpenID Connect Back-Channel Logout 1.0 section 2.4): the
 * provider's session if it names one, else all sessions of the user from before it. `null` for a
 * token that was used before, which ends nothing.
 *
 * A token counts as used when its logout is stored, and not before: if the store fails in between,
 * the provider's next try succeeds. Two copies that arrive at once may both end sessions, but none
 * that the first would not have ended, and only one of them counts.
 */
export async function endByProvider(context: ServiceContext, logout: ProviderLogout): Promise<number | null> {
  const { store, now } = context;
  const name = `${tokenName(logout)} used`;
  if ((await store.recall(name, now())) !== null) return null;
  const count = await endNamed(context, logout);
  const isFirst = await store.remember({ name, value: 1, now: now(), expiresAt: logout.expiresAt });
  if (!isFirst) return null;
  return count;
}
