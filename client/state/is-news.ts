import type { EngineSnapshot } from '../../sw/protocol.js';

/** Tells if `next` is of another storage than `current`. Then their epochs cannot be compared. */
export const isForeign = (current: EngineSnapshot | undefined, next: EngineSnapshot): boolean =>
  !!current && next.epoch.store !== current.epoch.store;

/**
 * Tells if `next` is newer than `current`, or of another storage. All instants, `now` too, are on
 * the engine's clock.
 */
export function isNews(current: EngineSnapshot | undefined, next: EngineSnapshot, now = Date.now()): boolean {
  if (!current || isForeign(current, next)) return true;
  const ahead = next.epoch.n - current.epoch.n;
  // A beat in the future was sent before the clock was set back. Then `next` is newer all the same.
  return ahead > 0 || (!ahead && (next.lastBeatAt >= current.lastBeatAt || current.lastBeatAt > now));
}
