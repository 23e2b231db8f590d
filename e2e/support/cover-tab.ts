import type { Browser, Page } from 'puppeteer-core';
import { expectWithin } from './machine.js';
import { events, expect, snapshotOf, told } from './natural-browser.js';
import { quietFor } from './pace.js';
import type { ServerLog } from './server-log.js';

const AT_ONCE_MS = 1_000;

/**
 * Opens a tab in front of this one, and waits until the user's last activity is reported and nobody
 * beats any more.
 */
export async function coverTab(page: Page, natural: Browser, server: ServerLog): Promise<void> {
  const cover = await natural.newPage();
  await cover.goto('about:blank');
  expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
  // Longer than two intervals: what was due before is out.
  await expect.poll(() => quietFor(server)).toBeGreaterThan(6_000);
}

/** Brings a covered tab to the front: it beats at once, before any key or click. */
export async function expectBeatAtReturn(page: Page, server: ServerLog): Promise<void> {
  const absent = server.beats.length;
  await page.bringToFront();
  await expect.poll(() => server.beats.length).toBe(absent + 1);
  const beat = server.beats.at(-1);
  expect(beat?.activity).toBe('user');
  const returned = (await told(page, 'visibility')).at(-1);
  expect(returned?.value).toBe('visible');
  expectWithin(AT_ONCE_MS, returned?.at, beat?.arrivedAt);
  expect((await snapshotOf(page)).status).toBe('active');
  expect(await events(page, 'end')).toEqual([]);
}
