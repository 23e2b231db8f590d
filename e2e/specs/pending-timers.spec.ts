import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type {} from 'zone.js';
import { buildId } from '../../tools/build-id.mjs';
import { type OwnSite, test } from '../support/own-site.js';
import { snapshotOf } from '../support/small-app/read-log.js';
import type { SmallApp } from '../support/small-app/small-app-site.js';
import { expect, expectStatus } from '../support/test.js';

declare global {
  interface Window {
    /** The zone of the application, and if a timer or a request of that zone is pending. */
    application: { zone: Zone; isPending: boolean; macrotasks: number };
  }
}

/**
 * Opens the small application in a page with zone.js, and starts it inside the application's zone,
 * or outside.
 */
async function start(page: Page, site: OwnSite, smallApp: SmallApp, where: 'inside' | 'outside'): Promise<void> {
  // Angular's builder does that too: zones do not see native `async` functions.
  await smallApp.deploy({ page: buildId() }, [
    {
      name: 'no native async functions',
      setup({ initialOptions }) {
        initialOptions.supported = { 'async-await': false, 'async-generator': false, 'for-await': false };
      },
    },
  ]);
  await page.addInitScript({ path: createRequire(import.meta.url).resolve('zone.js') });
  await page.addInitScript(() => {
    // As Angular's `NgZone` is made, which calls an application stable while it has no pending
    // macrotasks.
    const zone = Zone.current.fork({
      name: 'angular',
      onScheduleTask(parent, _current, target, task) {
        if (task.type === 'macroTask') window.application.macrotasks += 1;
        return parent.scheduleTask(target, task);
      },
      onHasTask(parent, current, target, state) {
        parent.hasTask(target, state);
        if (current === target && state.change === 'macroTask') window.application.isPending = state.macroTask;
      },
    });
    window.application = { zone, isPending: false, macrotasks: 0 };
  });
  await page.goto(`${site.url}/sign-in?to=${encodeURIComponent('/small/?start=later&warnBefore=60000')}`);
  await page.evaluate((place) => {
    const { zone } = window.application;
    const { keepalive } = window.smallApp;
    // `runOutsideAngular()` runs in the parent.
    (place === 'inside' ? zone : zone.parent)?.run(() => keepalive.start());
  }, where);
  await expectStatus(page, 'active');
  expect((await snapshotOf(page)).host).toBe('worker');
}

const macrotasks = (page: Page) => page.evaluate(() => window.application.macrotasks);
const isPending = (page: Page) => page.evaluate(() => window.application.isPending);

test.describe('where no end is announced', () => {
  test.use({ ownSessions: { facts: { nextBeatIn: 60 } } });

  test("Angular's zone is stable once the worker is installed, also where the application starts inside that zone", async ({
    page,
    site,
    smallApp,
  }) => {
    await start(page, site, smallApp, 'inside');
    expect(await macrotasks(page)).toBeGreaterThan(0);
    // Longer than what a question takes, shorter than the time-out of an installation.
    await expect.poll(() => isPending(page), { timeout: 7_000 }).toBe(false);
    await page.evaluate(() => window.application.zone.run(() => window.smallApp.keepalive.extend()));
    await expect.poll(() => isPending(page), { timeout: 7_000 }).toBe(false);
  });
});

test.describe('where an end is announced, half an hour ahead', () => {
  test.use({ ownSessions: { idleMs: 1_800_000 } });

  test("Angular's zone is not stable while the warning is awaited inside of it", async ({ page, site, smallApp }) => {
    await start(page, site, smallApp, 'inside');
    expect(await isPending(page)).toBe(true);
  });

  test("Angular's zone never has a task of an application that starts outside of it", async ({
    page,
    site,
    smallApp,
  }) => {
    await start(page, site, smallApp, 'outside');
    expect(await isPending(page)).toBe(false);
    expect(await macrotasks(page)).toBe(0);
  });
});
