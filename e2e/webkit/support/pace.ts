import { expect } from 'vitest';
import type { DemoSettings } from '../../demo/settings.js';
import type { ServerLog } from '../../support/server-log.js';
import type { Tab } from './tab.js';

/** A millisecond on one clock may be the next one on another: browsers round theirs. */
const ROUNDING_MS = 20;
/** The client's spread: at most a tenth earlier. */
const SPREAD = 0.9;

/**
 * Every beat that the server saw is one that this tab was told of, and follows the one before by the interval, or sooner only where the
 * server's own `nextBeatIn` asked for that. By the instants at which they were sent: no busy machine changes those.
 */
export async function expectPace(tab: Tab, server: ServerLog, settings: DemoSettings): Promise<void> {
  await expect.poll(async () => (await tab.events('beat')).length - server.beats.length).toBe(0);
  const sent = await tab.events('beat');
  const early = sent.flatMap(({ at }, index) => {
    const before = sent[index - 1];
    if (!before) return [];
    const asked = server.beats[index - 1]?.answer?.body.nextBeatIn;
    const seconds = Math.min(
      settings.beatIntervalSeconds,
      typeof asked === 'number' ? asked : Number.POSITIVE_INFINITY,
    );
    const least = seconds * 1_000 * SPREAD - ROUNDING_MS;
    return at - before.at < least ? [{ beat: index, after: at - before.at, least }] : [];
  });
  expect(early).toEqual([]);
}
