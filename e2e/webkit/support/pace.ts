import { expect } from 'vitest';
import type { DemoSettings } from '../../demo/settings.js';
import { earlyBeats } from '../../support/beats.js';
import type { ServerLog } from '../../support/server-log.js';
import type { Tab } from './tab.js';

/**
 * Every beat that the server saw is one that this tab was told of, and follows the one before by
 * the interval, or sooner only where the server's own `nextBeatIn` asked for that. By the instants
 * at which they were sent: no busy machine changes those.
 */
export async function expectPace(tab: Tab, server: ServerLog, settings: DemoSettings): Promise<void> {
  await expect.poll(async () => (await tab.events('beat')).length - server.beats.length).toBe(0);
  expect(earlyBeats(await tab.events('beat'), server, settings)).toEqual([]);
}
