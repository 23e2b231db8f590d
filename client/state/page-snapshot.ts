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
  for (const name of Object.keys(UNKNOWN)) {
    if (!engine || name === 'host' || name === 'ending') continue;
    const value = { ...engine.facts, ...engine }[name as 'wakeAt'];
    const seconds = engine.facts[name.replace('At', 'In') as 'idleExpiresIn'];
    if (name === 'idleTimeout') next[name] = value ? value * 1_000 : null;
    else if (/ExpiresAt$/.test(name)) next[name] = seconds == null ? null : engine.factsAt + seconds * 1_000;
    else next[name] = /At$/.test(name) && (!value || value === Infinity) ? null : value;
  }
  return JSON.stringify(next) === JSON.stringify(before)
    ? before
    : (Object.freeze(next) as typeof next & KeepaliveSnapshot);
}
