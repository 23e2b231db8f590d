import type { EngineSnapshot } from '../../sw/protocol.js';
import type { KeepaliveSnapshot } from '../types.js';

/** Returns the end that the server has announced. Activity may still move it. */
export function knownEnd(engine: EngineSnapshot | undefined): KeepaliveSnapshot['ending'] {
  if (engine?.status !== 'active') return null;
  const idle = engine.facts.idleExpiresIn ?? Infinity;
  const absolute = engine.facts.absoluteExpiresIn ?? Infinity;
  const least = Math.min(idle, absolute);
  const extendable = idle < absolute;
  // A server that says "alive" leaves at least a second. The engine calculates in the same way.
  const at = engine.factsAt + Math.max(1, least) * 1_000;
  return least === Infinity ? null : { at, why: extendable ? 'idle' : 'absolute', extendable };
}

/** Tells if the session is known to have ended. */
export const isOver = ({ status }: Pick<EngineSnapshot, 'status'>): boolean =>
  status === 'expired' || status === 'signed-out';

/** Tells if the announced end has passed. */
export const isPast = (engine: EngineSnapshot): boolean => (knownEnd(engine)?.at ?? Infinity) <= Date.now();

/** Tells if the server has confirmed the session since `before`. */
export const isProof = (before: EngineSnapshot | undefined, { status, epoch, factsAt }: EngineSnapshot): boolean =>
  status === 'active' && (before?.epoch.n !== epoch.n || before.factsAt !== factsAt);

/**
 * Tells if `seen`, the session that the page sees, is another one than the engine's. `undefined`,
 * for a page that cannot see its session, never is.
 */
export const isOtherSession = (
  { status, sessionId, endedSessionId, refutedSeen }: EngineSnapshot,
  seen: string | null | undefined,
): boolean =>
  seen !== undefined &&
  seen !== sessionId &&
  (status === 'active' ? seen === null || seen !== refutedSeen : seen !== null && seen !== endedSessionId);

/** Tells if both are known and differ. */
export const differ = (one: string | null, other: string | null): boolean => !!one && !!other && one !== other;
