import type { EngineSnapshot } from '../../sw/protocol.js';

/**
 * Returns the milliseconds by which this page's clock is ahead of the engine's. The clocks differ
 * if a test or a "preview as of" has replaced the page's `Date`. The engine answered at `at` on its
 * clock, between `sentAt` and `now` on the page's. The difference `before` stays if it fits that.
 */
export const clockShift = (before: number, at: number, sentAt: number, now: number): number =>
  Math.max(sentAt - at, Math.min(before, now - at));

/** Returns the engine's state with its instants on the page's clock. */
export const inPageTime = (engine: EngineSnapshot, shift: number): EngineSnapshot => {
  const move = (instant: number): number => instant && instant + shift;
  const { wakeAt, reportedActivityAt, lastBeatAt, factsAt } = engine;
  return {
    ...engine,
    wakeAt: move(wakeAt),
    reportedActivityAt: move(reportedActivityAt),
    lastBeatAt: move(lastBeatAt),
    factsAt: move(factsAt),
  };
};
