import type { EngineSnapshot } from '../../sw/protocol.js';
import type { KeepaliveSnapshot } from '../types.js';

/** The end that the server has announced, if nothing moves it. */
export function knownEnd(engine: EngineSnapshot | undefined): KeepaliveSnapshot['ending'] {
  if (engine?.status !== 'active') return null;
  const idle = engine.idleExpiresAt ?? Infinity;
  const absolute = engine.absoluteExpiresAt ?? Infinity;
  const at = Math.min(idle, absolute);
  if (at === Infinity) return null;
  return { at, why: idle < absolute ? 'idle' : 'absolute', extendable: idle < absolute };
}

/** Whether the announced end has passed. */
export const isPast = (engine: EngineSnapshot): boolean => (knownEnd(engine)?.at ?? Infinity) <= Date.now();

/** Whether `next` says that the server has confirmed the session since `before`. */
export const isProof = (before: EngineSnapshot | undefined, next: EngineSnapshot): boolean =>
  next.status === 'active' &&
  !isPast(next) &&
  (before?.epoch.n !== next.epoch.n ||
    before.lastBeatAt !== next.lastBeatAt ||
    knownEnd(before)?.at !== knownEnd(next)?.at);
