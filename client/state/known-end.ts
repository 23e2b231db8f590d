import type { EngineSnapshot } from '../../sw/protocol.js';
import type { KeepaliveSnapshot } from '../types.js';

/** The end that the server has announced, if nothing moves it. */
export function knownEnd(engine: EngineSnapshot | undefined): KeepaliveSnapshot['ending'] {
  if (engine?.status !== 'active') return null;
  const idle = engine.facts.idleExpiresIn ?? Infinity;
  const absolute = engine.facts.absoluteExpiresIn ?? Infinity;
  const least = Math.min(idle, absolute);
  const extendable = idle < absolute;
  // A server that says "alive" leaves at least a second, as the engine reckons.
  const at = engine.factsAt + Math.max(1, least) * 1_000;
  return least === Infinity ? null : { at, why: extendable ? 'idle' : 'absolute', extendable };
}

/** Whether the session is known to have ended. */
export const isOver = ({ status }: Pick<EngineSnapshot, 'status'>): boolean =>
  status === 'expired' || status === 'signed-out';

/** Whether the announced end has passed. */
export const isPast = (engine: EngineSnapshot): boolean => (knownEnd(engine)?.at ?? Infinity) <= Date.now();

/** Whether `next` says that the server has confirmed the session since `before`. */
export const isProof = (before: EngineSnapshot | undefined, { status, epoch, factsAt }: EngineSnapshot): boolean =>
  status === 'active' && (before?.epoch.n !== epoch.n || before.factsAt !== factsAt);

/** Whether `seen`, the session as the page sees it, is another than the engine knows of. Of an unknown one nothing can be said. */
export const isOtherSession = (
  { status, sessionId, endedSessionId, refutedSeen }: EngineSnapshot,
  seen: string | null | undefined,
): boolean =>
  seen !== undefined &&
  seen !== sessionId &&
  (status === 'active' ? seen === null || seen !== refutedSeen : seen !== null && seen !== endedSessionId);

/** Whether both are known, and are not the same. */
export const differ = (one: string | null, other: string | null): boolean => !!one && !!other && one !== other;
