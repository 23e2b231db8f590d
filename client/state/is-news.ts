import type { EngineSnapshot } from '../../sw/protocol.js';

/** Whether `next` is newer than `current`, or of a storage whose numbers do not compare (`foreign`). */
export function isNews(current: EngineSnapshot | undefined, next: EngineSnapshot): boolean | 'foreign' {
  if (!current) return true;
  if (next.epoch.store !== current.epoch.store) return 'foreign';
  const ahead = next.epoch.n - current.epoch.n;
  // A beat in the future was sent before the clock was set back: what comes now is newer, whatever its number.
  return ahead > 0 || (!ahead && (next.lastBeatAt >= current.lastBeatAt || current.lastBeatAt > Date.now()));
}
