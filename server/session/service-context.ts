import type { EndReason } from '../contract.js';
import type { Logger } from '../observe/logger.js';
import type { StoreHealth } from '../outages/store-health.js';
import type { IssuerAccess } from '../provider/issuer-access.js';
import type { KeyRing } from '../record/key-ring.js';
import type { Limits } from '../record/limits.js';
import { openSession, type SealedSession } from '../record/sealed-session.js';
import { revokeBeside } from '../refresh/revoke-in-background.js';
import type { EndedBy, SessionFacts, SessionStore } from '../store/store.js';

/** The context that the parts of the session service share. */
export interface ServiceContext {
  store: SessionStore;
  health: StoreHealth;
  keys: KeyRing;
  logger: Logger;
  /** If the log of a new session names the provider's `sub`. */
  logSubject: boolean;
  now: () => number;
  limits: Limits;
  refreshTokenIdleMs: number | null;
  issuer: () => Promise<IssuerAccess>;
  pepper: () => Promise<string>;
  beside: (work: Promise<unknown>) => void;
}

/**
 * A tombstone is kept for that long after the session's longest life, so that late tabs still learn
 * how it ended.
 */
export const TOMBSTONE_MS = 86_400_000;

/**
 * Ends a session durably. Returns `null` if there was no living one. Its refresh token is revoked
 * in the background, unless `leaves` says that its own limits end it. At many providers two
 * sessions of one user share a grant, and revoking one ends the other (RFC 7009 section 2.1).
 * `replacedAt` is kept in the tombstone.
 */
export async function endSession(
  context: ServiceContext,
  key: string,
  reason: EndReason,
  { leaves = false, ...how }: { leaves?: boolean; by?: EndedBy; replacedAt?: number } = {},
): Promise<{ facts: SessionFacts; session: SealedSession | null } | null> {
  const { store, keys } = context;
  const ended = await store.end(key, reason, { revokes: !leaves, ...how });
  if (!ended) return null;
  const session = ended.sealed === null ? null : await openSession(keys, key, ended.sealed);
  if (!leaves) revokeBeside(context, session?.tokens.refreshToken ?? null);
  return { facts: ended.facts, session };
}
