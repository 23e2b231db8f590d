import type { Page } from 'puppeteer-core';
import {
  events,
  expect,
  logOf,
  open,
  openSignedIn,
  openTab,
  snapshotOf,
  test,
  told,
  typeUntil,
} from '../support/natural-browser.js';
import { gaps } from '../support/pace.js';

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });

/** The spread takes a tenth; the rest is what instants on their way to a server may lose. */
const LEAST_GAP_MS = 2_000 * 0.9 - 300;

const builds = async (page: Page): Promise<string[]> => (await events(page, 'worker')).map(({ build }) => build);
/** A page that was loaded once was shown once. */
const loads = async (page: Page): Promise<number> => (await told(page, 'pageshow')).length;
const errorsOf = async (page: Page): Promise<string[]> => (await told(page, 'onError')).map(({ value }) => value.code);

test('a deployment while tabs are open: the new worker takes over once, old and new pages go on beside each other @chromium-only', async ({
  demo,
  natural,
  server,
  smallApp,
}) => {
  await smallApp.deploy({ page: 'one', worker: 'one' });
  const old = await openSignedIn(natural, demo);
  await typeUntil(old, () => server.beats.length >= 2);
  expect(await builds(old)).toEqual(['one']);
  const first = (await logOf(old))[0];

  await smallApp.deploy({ page: 'two', worker: 'two' });
  const fresh = await openTab(natural, demo);
  // Told to the old page as well.
  await expect.poll(() => builds(old)).toEqual(['one', 'two']);
  const asked = server.beats.length;
  await typeUntil(fresh, () => server.beats.length >= asked + 2);
  await old.bringToFront();
  await typeUntil(old, () => server.beats.length >= asked + 4);

  expect(Math.min(...gaps(server.beats.slice(asked).map(({ arrivedAt }) => arrivedAt)))).toBeGreaterThan(LEAST_GAP_MS);
  // Nobody has brought the old worker back, and nobody has reloaded.
  expect(await builds(old)).toEqual(['one', 'two']);
  expect((await logOf(old))[0]).toEqual(first);
  for (const page of [old, fresh]) {
    expect(await loads(page)).toBe(1);
    expect(await snapshotOf(page)).toMatchObject({ status: 'active', host: 'worker', shared: true });
    expect(await events(page, 'end')).toEqual([]);
    expect(await errorsOf(page)).toEqual([]);
  }
});

test('a page of before the deployment that is opened after it leaves the new worker alone, and the developer is told @chromium-only', async ({
  demo,
  natural,
  server,
  smallApp,
}) => {
  await smallApp.deploy({ page: 'two', worker: 'two' });
  const fresh = await openSignedIn(natural, demo);
  await smallApp.deploy({ page: 'one' });
  const old = await openTab(natural, demo);
  const asked = server.beats.length;
  await typeUntil(old, () => server.beats.length >= asked + 2);
  await expect.poll(() => errorsOf(old)).toEqual(['worker-build']);
  for (const page of [old, fresh]) {
    expect(await loads(page)).toBe(1);
    expect(await snapshotOf(page)).toMatchObject({ status: 'active', host: 'worker', shared: true });
  }
  expect(await builds(fresh)).toEqual(['two']);
});

test("pages with other settings do not replace each other's worker @chromium-only", async ({
  demo,
  natural,
  server,
}) => {
  const page = await openSignedIn(natural, demo);
  const workers = (await builds(page)).length;
  const others = [await natural.newPage(), await natural.newPage(), await natural.newPage()];
  for (const [index, other] of others.entries()) await open(other, demo, `/small/?interval=${3_000 + 500 * index}`);
  const asked = server.beats.length;
  for (const [index, tab] of [page, ...others].entries()) {
    await tab.bringToFront();
    await typeUntil(tab, () => server.beats.length >= asked + 1 + index);
  }
  expect(await builds(page)).toHaveLength(workers);
  const registrations = await page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ active, waiting, installing }) => [
      active?.state,
      waiting,
      installing,
    ]),
  );
  expect(registrations).toEqual([['activated', null, null]]);
});
