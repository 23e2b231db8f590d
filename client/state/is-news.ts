import type { EngineSnapshot } from '../../sw/protocol.js';

/** Whether `next` is of another storage than `current`: their numbers do not compare. */
export const isForeign = (current: EngineSnapshot | undefined, next: EngineSnapshot): boolean =>
  !!current && next.epoch.store !== current.epoch.store;

/** Tells if `next` is newer than `current`, or of another storage. `now` is on the engine's clock, as both of them are. */
export function isNews(current: EngineSnapshot | undefined, next: EngineSnapshot, now = Date.now()): boolean {
  if (!current || isForeign(current, next)) return true;
  const ahead = next.epoch.n - current.epoch.n;
  // A beat in the future was sent before the clock was set back: what comes now is newer, whatever its number.
  return ahead > 0 || (!ahead && (next.lastBeatAt >= current.lastBeatAt || current.lastBeatAt > now));
}
