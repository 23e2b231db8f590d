import { logoutNote } from './create-session.js';
import { providerHandle } from './handles.js';
import { type ServiceContext, TOMBSTONE_MS } from './service-context.js';
import type { SessionService } from './types.js';

/** How far the provider's clock, by which a logout is dated, may be off ours, by which sessions are. */
export const CLOCK_TOLERANCE_MS = 30_000;

/**
 * Ends what a back-channel logout names (OpenID Connect Back-Channel Logout 1.0 section 2.4): the provider's session if it names one, else
 * all sessions of the user from before it, as two clocks may tell that. It is remembered first, so that a login under way at the same time
 * does not slip through.
 */
export async function endByProvider(
  context: ServiceContext,
  input: Parameters<SessionService['endByProvider']>[0],
): Promise<number> {
  const { store, logger } = context;
  const { issuer, providerSessionId, subject, issuedAt } = input;
  const pepper = await context.pepper();
  const now = context.now();
  const note = (name: string) => store.remember({ name, value: issuedAt, now, expiresAt: now + TOMBSTONE_MS });
  let count = 0;
  if (providerSessionId !== null) {
    const sidKey = providerHandle(pepper, 'sid', issuer, providerSessionId);
    await note(logoutNote.ofProviderSession(sidKey));
    count = await store.endAll({ sidKey }, 'revoked');
  } else if (subject !== null) {
    const user = providerHandle(pepper, 'user', issuer, subject);
    await note(logoutNote.ofUser(user));
    count = await store.endAll({ user, createdUpTo: issuedAt + CLOCK_TOLERANCE_MS }, 'revoked');
  }
  logger.info({ count }, 'the identity provider ended sessions');
  return count;
}
