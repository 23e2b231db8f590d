import { decodeJwt } from 'jose';
import { cutForLog } from '../observe/log-events.js';
import { firstFacts } from '../record/grant-facts.js';
import { newCookieValue, providerHandle, publicSessionId, storeKeyOf } from '../record/handles.js';
import { sealSession } from '../record/sealed-session.js';
import type { Identity, TokenSet } from '../record/token-set.js';
import { StoreError } from '../store/store.js';
import { endSession, type ServiceContext, TOMBSTONE_MS } from './service-context.js';
import type { SessionService } from './session-service.js';

/** Names under which a back-channel logout is remembered for sessions that are created after it. */
export const logoutNote = {
  ofProviderSession: (sidKey: string) => `logout sid ${sidKey}`,
  ofUser: (user: string) => `logout user ${user}`,
};

/** Returns when the login took place, by its ID token. Without an ID token it is now. */
function issuedAt(tokens: TokenSet, now: number): number {
  try {
    const { iat } = decodeJwt(tokens.idToken ?? '');
    return typeof iat === 'number' ? iat * 1000 : now;
  } catch {
    return now;
  }
}

/** Stores a new session; refuses one whose login a back-channel logout overtook. */
export async function createSession(
  context: ServiceContext,
  { identity, tokens }: { identity: Identity; tokens: TokenSet },
): ReturnType<SessionService['create']> {
  const { store, keys, logger, limits, refreshTokenIdleMs } = context;
  const now = context.now();
  const { issuer, subject, providerSessionId } = identity;
  const pepper = await context.pepper();
  const cookie = newCookieValue();
  const key = storeKeyOf(cookie);
  const handles = { sessionId: publicSessionId(cookie), user: providerHandle(pepper, 'user', issuer, subject) };
  const sidKey = providerSessionId === null ? null : providerHandle(pepper, 'sid', issuer, providerSessionId);

  const overtaken = async () => {
    const at = context.now();
    const [ofSession, ofUser] = await Promise.all([
      sidKey === null ? null : store.recall(logoutNote.ofProviderSession(sidKey), at),
      store.recall(logoutNote.ofUser(handles.user), at),
    ]);
    return ofSession !== null || (ofUser !== null && issuedAt(tokens, now) <= ofUser);
  };

  if (await overtaken()) return { ok: false, reason: 'revoked' };
  const facts = firstFacts(handles, tokens, { now, absoluteMs: limits.absoluteMs, refreshTokenIdleMs });
  const { createdAt, absoluteEndAt } = facts;
  const sealed = await sealSession(keys, key, { tokens, issuer, subject, createdAt, absoluteEndAt });
  const purgeAt = absoluteEndAt + TOMBSTONE_MS;
  if (!(await store.create({ key, facts, lastActiveAt: now, sidKey, sealed, purgeAt }))) {
    throw new StoreError('The session store refused a new session');
  }
  // A logout that came between the check and the creation has found no session to end.
  if (await overtaken()) {
    await endSession(context, key, 'revoked', { by: 'provider' });
    return { ok: false, reason: 'revoked' };
  }
  const named = context.logSubject ? { subject: cutForLog(subject) } : {};
  logger.info({ event: 'session.begin', ...handles, ...named }, 'a session began');
  if (tokens.refreshToken === null) {
    logger.warn(
      { event: 'provider.setting', ...handles },
      'a login brought no refresh token: its session ends with its access token',
    );
  }
  return { ok: true, cookie, ...handles };
}
