import type { Page } from '@playwright/test';
import type { Demo } from '../demo/demo.js';
import { test } from '../support/natural-browser.js';
import { nextVersion } from '../support/next-version/next-version.js';
import type { ServerLog } from '../support/server-log.js';
import { events, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, signIn, typeUntil } from '../support/test.js';

// A worker that reads a newer state and was cold knows no page's settings: its beats are then as
// far apart as an access token lets them be.
test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 10 } });

/**
 * Rule 8: a burst of three, then one per `minInterval`, which is a second here; instants lose a
 * little on their way to a server.
 */
const BURST = 3;
const LOST_MS = 300;

/** However many asked, and of whatever versions, all attempts passed one bucket. */
function expectWithinBound({ beats, checks }: ServerLog): void {
  const at = [...beats, ...checks].map(({ arrivedAt }) => arrivedAt).sort((one, other) => one - other);
  const over = at.flatMap((from, first) =>
    at
      .slice(first)
      .flatMap((to, more) => (more + 1 > BURST + (to - from + LOST_MS) / 1_000 ? [[first, more + 1]] : [])),
  );
  expect(over).toEqual([]);
}

const errorsOf = async (page: Page): Promise<string[]> => (await told(page, 'onError')).map(({ value }) => value.code);
/**
 * In the order in which they came, each change once: a worker that was stopped and starts again is
 * the same build.
 */
const builds = async (page: Page): Promise<string[]> =>
  (await events(page, 'worker')).map(({ build }) => build).filter((build, index, all) => build !== all[index - 1]);

async function open(page: Page, demo: Demo, path = '/small/'): Promise<void> {
  await page.goto(demo.url + path);
  await expectStatus(page, 'active');
}

async function typeForBeats(page: Page, server: ServerLog, more: number): Promise<void> {
  await page.bringToFront();
  const { length } = server.beats;
  await typeUntil(page, () => server.beats.length >= length + more);
}

/** Counts from now on what is installed at the narrow scope. */
const watchInstalls = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const [registration] = await navigator.serviceWorker.getRegistrations();
    document.body.dataset.installs = '0';
    registration?.addEventListener('updatefound', () => {
      document.body.dataset.installs = String(Number(document.body.dataset.installs) + 1);
    });
  });
const installs = async (page: Page): Promise<number> =>
  Number(await page.evaluate(() => document.body.dataset.installs));

async function expectNobodyHurt(server: ServerLog, ...pages: Page[]): Promise<void> {
  expectWithinBound(server);
  for (const page of pages) {
    expect(await snapshotOf(page)).toMatchObject({ status: 'active', shared: true });
    expect(await events(page, 'end')).toEqual([]);
    // Loaded once, and shown once.
    expect(await told(page, 'pageshow')).toHaveLength(1);
  }
}

test('the next version, of another protocol and another stored state, comes while pages of today are open: both go on with its worker', async ({
  page: old,
  context,
  demo,
  server,
  smallApp,
}) => {
  await smallApp.deploy({ page: 'today', worker: 'today' });
  await signIn(old, demo, 'Ada', '/small/');
  await typeForBeats(old, server, 2);
  await watchInstalls(old);

  await smallApp.deploy({ page: 'next', worker: 'next' }, [nextVersion]);
  const first = await context.newPage();
  await open(first, demo);
  await expect.poll(() => builds(old)).toEqual(['today', 'next']);
  const second = await context.newPage();
  await open(second, demo);
  // The worker of today did not understand the first one, which went on by itself.
  expect((await snapshotOf(first)).host).toBe('page');
  expect((await snapshotOf(second)).host).toBe('worker');
  for (const page of [first, second, old]) await typeForBeats(page, server, 2);
  expect((await snapshotOf(old)).host).toBe('worker');
  expect(await errorsOf(first)).toEqual([]);
  await expectNobodyHurt(server, old, first, second);

  // A server that has not got the next version yet answers: an old page meets the new worker.
  await smallApp.deploy({ page: 'today' });
  const late = await context.newPage();
  await open(late, demo);
  for (const page of [late, second]) await typeForBeats(page, server, 2);
  await expect.poll(() => errorsOf(late)).toEqual(['worker-build']);
  expect((await snapshotOf(late)).host).toBe('worker');
  expect(await installs(old)).toBe(1);
  expect(await builds(old)).toEqual(['today', 'next']);
  await expectNobodyHurt(server, old, first, second, late);
});

test('pages of the next version where the server still has the worker of today: each kind goes on by its own engine, and what is stored is obeyed by both @chromium-only', async ({
  page: old,
  context,
  demo,
  server,
  smallApp,
}) => {
  await smallApp.deploy({ page: 'today', worker: 'today' });
  await signIn(old, demo, 'Ada', '/small/');
  await typeForBeats(old, server, 2);
  await watchInstalls(old);
  const { sessionId } = await snapshotOf(old);

  await smallApp.deploy({ page: 'next' }, [nextVersion]);
  const fresh = await context.newPage();
  await open(fresh, demo);
  expect((await snapshotOf(fresh)).host).toBe('page');
  for (const page of [fresh, old, fresh, old]) await typeForBeats(page, server, 2);
  expect((await snapshotOf(old)).host).toBe('worker');
  // The worker of today says that it obeys what it cannot read.
  expect((await events(old, 'storage')).map(({ problem }) => problem)).toContain('newer');
  await expect.poll(() => errorsOf(fresh)).toEqual(['protocol']);
  expect(await installs(old)).toBe(0);
  for (const page of [old, fresh]) expect((await snapshotOf(page)).sessionId).toBe(sessionId);
  await expectNobodyHurt(server, old, fresh);
});

test("a rolling deployment: pages of two versions with other settings, opened by turns, do not replace each other's worker", async ({
  page: watching,
  context,
  demo,
  server,
  smallApp,
}) => {
  await smallApp.deploy({ page: 'two', worker: 'two' });
  await signIn(watching, demo, 'Ada', '/small/');
  await watchInstalls(watching);
  const page = await context.newPage();
  for (let turn = 0; turn < 10; turn += 1) {
    await smallApp.deploy({ page: turn % 2 ? 'two' : 'one' });
    await open(page, demo, `/small/?interval=${turn % 2 ? 2_000 : 3_000}`);
    await expect.poll(() => errorsOf(page)).toEqual(turn % 2 ? [] : ['worker-build']);
    expect(await snapshotOf(page)).toMatchObject({ status: 'active', host: 'worker', shared: true });
  }
  await typeForBeats(page, server, 2);
  expect(await installs(watching)).toBe(0);
  expect(await builds(watching)).toEqual(['two']);
  await expectNobodyHurt(server, watching, page);
});
