import type { EngineSnapshot } from '../../sw/protocol.js';
import type { KeepaliveSnapshot } from '../types.js';

/** What a page knows before it has asked, and for ever on a server. */
export const UNKNOWN: KeepaliveSnapshot = Object.freeze({
  status: 'unknown',
  reason: null,
  epoch: null,
  host: 'none',
  shared: false,
  sessionId: null,
  user: null,
  wakeAt: null,
  lastBeatAt: null,
  accessTokenExpiresAt: null,
  idleExpiresAt: null,
  absoluteExpiresAt: null,
  idleTimeout: null,
  ending: null,
});

/** The page's view of the engine's state; `before` itself where nothing has changed. */
export function pageSnapshot(
  before: KeepaliveSnapshot,
  engine: EngineSnapshot | undefined,
  host: KeepaliveSnapshot['host'],
  ending: KeepaliveSnapshot['ending'],
): KeepaliveSnapshot {
  const next: Record<string, unknown> = { ...UNKNOWN, host, ending };
  if (engine)
    for (const key of Object.keys(UNKNOWN)) if (key in engine) next[key] = engine[key as keyof EngineSnapshot];
  return JSON.stringify(next) === JSON.stringify(before)
    ? before
    : (Object.freeze(next) as typeof next & KeepaliveSnapshot);
}
