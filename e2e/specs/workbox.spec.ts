import type { Page } from '@playwright/test';
import type { Demo } from '../demo/demo.js';
import { expectOneBeatPerInterval } from '../support/pace.js';
import { events } from '../support/page-log.js';
import type { ServerLog } from '../support/server-log.js';
import { test as base, expect, expectStatus, openTab, signIn, typeUntil } from '../support/test.js';
import { createWorkboxApp, type WorkboxApp } from '../support/workbox-app/workbox-app-site.js';

interface Fixtures {
  isInside: boolean;
  app: WorkboxApp;
}

const test = base.extend<Fixtures>({
  isInside: [false, { option: true }],
  app: async ({ isInside }, use) => use(await createWorkboxApp({ isInside })),
  around: async ({ app }, use) => use(app.around),
});

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });

interface Registered {
  scope: string;
  active: string | undefined;
  waiting: string | undefined;
}

/** The registrations of this origin, by scope. */
const registrations = (page: Page): Promise<Registered[]> =>
  page.evaluate(async () => {
    const script = (worker: ServiceWorker | null) => worker?.scriptURL.replace(location.origin, '').replace(/\?.*/, '');
    return (await navigator.serviceWorker.getRegistrations())
      .map(({ scope, active, installing, waiting }) => ({
        scope: new URL(scope).pathname,
        active: script(active),
        waiting: script(waiting ?? installing),
      }))
      .sort((one, other) => one.scope.length - other.scope.length);
  });

const controllerOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => navigator.serviceWorker.controller?.scriptURL.replace(location.origin, ''));

/** The paths of what the application's worker was asked for. */
const seenByWorker = (page: Page): Promise<string[]> =>
  page.evaluate(async () => (await (await caches.open('requests')).keys()).map(({ url }) => new URL(url).pathname));

const versionOf = (page: Page) => page.getByTestId('version');
const newVersion = (page: Page) => page.getByTestId('new-version');
/** Each page that loads finds its engine once. */
const loads = async (page: Page): Promise<number> => (await events(page, 'host')).length;
const builds = async (page: Page): Promise<string[]> => [
  ...new Set((await events(page, 'worker')).map(({ build }) => build)),
];
const scripts = ({ beats, checks }: ServerLog): string[] => [
  ...new Set([...beats, ...checks].map(({ referer }) => new URL(referer).pathname)),
];

async function typeForBeats(page: Page, server: ServerLog, more: number): Promise<void> {
  await page.bringToFront();
  const { length } = server.beats;
  await typeUntil(page, () => server.beats.length >= length + more && server.beats.at(-1)?.answer?.status === 200);
}

/**
 * The server goes away, the application is opened all the same, its user types on, and the server
 * is back.
 */
async function liveOffline(page: Page, demo: Demo, server: ServerLog, version: string): Promise<void> {
  await demo.site.stop();
  // A page that was never asked for: the fallback of the application's worker.
  await page.goto(`${demo.url}/notes/7`);
  await expect(versionOf(page)).toHaveText(version);
  await expect(page.getByTestId('notes')).toHaveText(`of version ${version}`);
  await expectStatus(page, 'active');
  const unanswered = async () => (await events(page, 'answer')).filter(({ outcome }) => outcome !== 'alive').length;
  const before = await unanswered();
  await typeUntil(page, async () => (await unanswered()) >= before + 2);
  await expectStatus(page, 'active');
  await demo.site.start();
  await typeForBeats(page, server, 1);
  await expectStatus(page, 'active');
}

async function expectNothingLost(...pages: Page[]): Promise<void> {
  for (const page of pages) {
    await expectStatus(page, 'active');
    for (const type of ['end', 'error', 'storage'] as const) expect(await events(page, type)).toEqual([]);
    expect(new Set((await events(page, 'host')).map(({ host }) => host))).toEqual(new Set(['worker']));
  }
}

test("beside a Workbox worker: neither sees what is the other's, offline page loads keep the session, and an update of the application leaves ours alone", async ({
  page,
  context,
  demo,
  server,
  app,
}) => {
  const two = [
    { scope: '/', active: '/sw.js', waiting: undefined },
    { scope: '/auth/stillhere-scope/~2Fauth~2Fheartbeat/', active: '/auth/stillhere-sw.js', waiting: undefined },
  ];
  await signIn(page, demo, 'Ada', '/');
  await expect(page.getByTestId('ready')).toHaveText('ready to work offline');
  expect(await registrations(page)).toEqual(two);
  await page.reload();
  await expectStatus(page, 'active');
  expect(await controllerOf(page)).toBe('/sw.js');
  await typeForBeats(page, server, 2);

  await liveOffline(page, demo, server, '1');

  await app.deploy('2', 'a');
  const other = await openTab(context, demo, '/');
  await expect(versionOf(other)).toHaveText('1');
  await expect(newVersion(other)).toBeVisible();
  const loaded = await Promise.all([loads(page), loads(other)]);
  await newVersion(other).click();
  for (const tab of [page, other]) await expect(versionOf(tab)).toHaveText('2');
  await typeForBeats(other, server, 2);
  await typeForBeats(page, server, 2);

  expect(await Promise.all([loads(page), loads(other)])).toEqual(loaded.map((count) => count + 1));
  expect(await registrations(page)).toEqual(two);
  expect(await builds(page)).toEqual(['a']);
  expect(scripts(server)).toEqual(['/auth/stillhere-sw.js']);
  // It sees what pages ask for, never what our worker does.
  const seen = await seenByWorker(page);
  expect(seen).toContain('/api/notes');
  expect(seen.filter((path) => /\/(heartbeat|session)$/.test(path))).toEqual([]);
  await expectNothingLost(page, other);
});

test.describe('inside a Workbox worker', () => {
  test.use({ isInside: true });

  test('the keepalive goes with its waiting flow: the old worker beats until the user takes the new version, and nothing is lost @chromium-only', async ({
    page,
    context,
    demo,
    server,
    app,
  }) => {
    await signIn(page, demo, 'Ada', '/');
    await expect(page.getByTestId('ready')).toHaveText('ready to work offline');
    // No worker controls a first page, and Stillhere needs none that does.
    expect(await controllerOf(page)).toBeUndefined();
    await typeForBeats(page, server, 2);
    const other = await openTab(context, demo, '/');
    expect(await controllerOf(other)).toBe('/sw.js');

    await app.deploy('2', 'b');
    await other.reload();
    await expect(newVersion(other)).toBeVisible();
    await typeForBeats(other, server, 2);
    await typeForBeats(page, server, 1);
    expect(await registrations(page)).toEqual([{ scope: '/', active: '/sw.js', waiting: '/sw.js' }]);
    expect(await builds(page)).toEqual(['a']);

    const text = await other.getByTestId('field-summary').inputValue();
    const loaded = [await loads(page), await loads(other)];
    await newVersion(other).click();
    await expect(versionOf(other)).toHaveText('2');
    await expect(other.getByTestId('field-summary')).toHaveValue(text);
    await expect.poll(() => builds(page)).toEqual(['a', 'b']);
    await typeForBeats(other, server, 2);
    await typeForBeats(page, server, 2);
    await expectOneBeatPerInterval(page, server, demo.settings);
    // The first page had no worker that could leave it: it goes on with the new one, without a
    // reload.
    await expect(versionOf(page)).toHaveText('1');
    expect([await loads(page), await loads(other)]).toEqual([loaded[0], (loaded[1] ?? 0) + 1]);

    await liveOffline(other, demo, server, '2');
    expect(await registrations(page)).toEqual([{ scope: '/', active: '/sw.js', waiting: undefined }]);
    expect(scripts(server)).toEqual(['/sw.js']);
    await expectNothingLost(page, other);
  });
});
