import type { EngineSnapshot } from '../../sw/protocol.js';

/** What a page knows of its user. Instants are milliseconds since the epoch, 0 for never. */
export interface Presence {
  /** Latest activity in this tab. */
  own: number;
  /** Latest activity that another tab told of, and when it did. */
  other: number;
  heardAt: number;
  /** The latest activity was `touch()`, which counts in hidden pages too. */
  touched: boolean;
  /** No ping before: the last one's answer may not have come yet. */
  quietUntil: number;
}

/** How much longer a tab waits that has only heard of the activity: the tab that saw it posts first. */
const YIELD = 2_000;

/** When activity is to be reported to the engine; `Infinity` while that would change nothing. `jitter` spreads the tabs that only heard of it. */
export function pingDue(
  { own, other, heardAt, touched, quietUntil }: Presence,
  engine: EngineSnapshot,
  activeWindow: number,
  visible: boolean,
  jitter: number,
): number {
  const latest = Math.max(own, other);
  const { wakeAt, reportedActivityAt } = engine;
  if (!(visible || touched) || latest <= reportedActivityAt) return Infinity;
  const at = Math.max(wakeAt, quietUntil, own < other ? Math.max(wakeAt, heardAt) + YIELD + jitter : own);
  return at - latest > activeWindow ? Infinity : at;
}
