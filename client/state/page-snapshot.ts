import type { EngineSnapshot } from '../../sw/protocol.js';
import type { KeepaliveSnapshot } from '../types.js';

/** The engine's state as an application sees it. */
function view(
  engine: Partial<EngineSnapshot>,
  host: KeepaliveSnapshot['host'],
  ending: KeepaliveSnapshot['ending'],
): KeepaliveSnapshot {
  const { status = 'unknown', reason = null, epoch = null, shared = false, sessionId = null, user = null } = engine;
  const { facts = {}, factsAt = 0 } = engine;
  const known = (instant = 0) => (instant && instant < Infinity ? instant : null);
  const ends = (seconds: number | null | undefined) => (seconds == null ? null : factsAt + seconds * 1_000);
  return Object.freeze({
    status,
    reason,
    epoch,
    host,
    shared,
    sessionId,
    user,
    wakeAt: known(engine.wakeAt),
    lastBeatAt: known(engine.lastBeatAt),
    accessTokenExpiresAt: ends(facts.accessTokenExpiresIn),
    idleExpiresAt: ends(facts.idleExpiresIn),
    absoluteExpiresAt: ends(facts.absoluteExpiresIn),
    idleTimeout: facts.idleTimeout ? facts.idleTimeout * 1_000 : null,
    ending,
  });
}

/** The snapshot before the first answer. On a server it never changes. */
export const UNKNOWN = view({}, 'none', null);

/** Returns the page's view of the engine's state, or `before` itself if nothing has changed. */
export function pageSnapshot(
  before: KeepaliveSnapshot,
  engine: EngineSnapshot | undefined,
  host: KeepaliveSnapshot['host'],
  ending: KeepaliveSnapshot['ending'],
): KeepaliveSnapshot {
  const next = view(engine ?? {}, host, ending);
  return JSON.stringify(next) === JSON.stringify(before) ? before : next;
}
