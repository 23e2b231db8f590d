import type { BrowserContext, Page } from '@playwright/test';
import { buildId } from '../../bench/build-id.mjs';
import { sharedName } from '../../sw/names.js';
import { PROTOCOL_VERSION } from '../../sw/protocol.js';
import { test } from '../support/own-site.js';
import { snapshotOf } from '../support/small-app/read-log.js';
import { expect, expectStatus, signInThere } from '../support/test.js';

declare global {
  interface Window {
    /** The messages that this page has posted to a worker. */
    posts: number;
  }
}

const WINDOWS = 10;
const BEATS = 3;
/** Two windows may ask in the same moment. Each window for itself would make ten posts of each beat. */
const MOST_POSTS = 2 * BEATS;
const MIN_INTERVAL_MS = 6_000;
const PACE = `?interval=${MIN_INTERVAL_MS}&minInterval=${MIN_INTERVAL_MS}&activeWindow=6000`;
const CHANNEL = sharedName('/auth/heartbeat');
/** Stands before the worker's own script: all that the worker says comes two seconds late. */
const SLOW_ANSWERS = `for (const { prototype } of [MessagePort, BroadcastChannel]) {
  const { postMessage } = prototype;
  prototype.postMessage = function (...message) {
    setTimeout(() => postMessage.apply(this, message), 2_000);
  };
}`;

// No end is announced, so that the pace alone decides.
test.use({ ownSessions: { facts: { nextBeatIn: 6 } } });

/** Windows that are all visible, and count what they post. */
async function openWindows(context: BrowserContext, url: string): Promise<Page[]> {
  await context.addInitScript(() => {
    window.posts = 0;
    const { postMessage } = ServiceWorker.prototype;
    ServiceWorker.prototype.postMessage = function (...message: unknown[]) {
      window.posts += 1;
      return Reflect.apply(postMessage, this, message);
    };
  });
  const windows: Page[] = [];
  for (let i = 0; i < WINDOWS; i += 1) {
    const page = await context.newPage();
    if (i) await page.goto(`${url}/small/${PACE}`);
    else await signInThere(page, url, PACE);
    await expectStatus(page, 'active');
    windows.push(page);
  }
  return windows;
}

/** A key in each window at the same time, again and again: the pause is the behaviour under test. */
async function typeInAll(windows: Page[], isDone: (times: number) => boolean | Promise<boolean>): Promise<void> {
  for (let times = 0; !(await isDone(times)); times += 1) {
    await Promise.all(windows.map((page) => page.keyboard.press('a', { delay: 250 })));
  }
}

const postsOf = async (windows: Page[]): Promise<number> =>
  (await Promise.all(windows.map((page) => page.evaluate(() => window.posts)))).reduce((sum, posts) => sum + posts, 0);

test('ten windows that are all in use post about once for each beat, however long the server takes @chromium-only', async ({
  context,
  site,
  server,
}) => {
  const windows = await openWindows(context, site.url);
  const before = await postsOf(windows);
  for (let beat = 0; beat < BEATS; beat += 1) {
    const held = server.hold('answer');
    await typeInAll(windows, held.isHolding);
    // Each window would have asked by now.
    await typeInAll(windows, (times) => times === 8);
    held.release();
    await expect.poll(() => server.beats.at(-1)?.answer).toBeTruthy();
  }
  const posts = (await postsOf(windows)) - before;
  console.log(`ten windows, a slow server: ${BEATS} beats, ${posts} posts`);
  expect(posts).toBeLessThanOrEqual(MOST_POSTS);
});

test('ten windows that are all in use post about once for each beat, however long the worker takes @chromium-only', async ({
  context,
  site,
  server,
  smallApp,
}) => {
  await smallApp.deploy({ worker: buildId() }, [
    {
      name: 'slow answers',
      setup({ initialOptions }) {
        initialOptions.banner = { js: SLOW_ANSWERS };
      },
    },
  ]);
  const windows = await openWindows(context, site.url);
  const [before, first] = [await postsOf(windows), server.beats.length];
  await typeInAll(windows, () => server.beats.length >= first + BEATS);
  // The windows that have not heard of the last beat yet would ask now.
  await typeInAll(windows, (times) => times === 8);
  const posts = (await postsOf(windows)) - before;
  console.log(`ten windows, a slow worker: ${server.beats.length - first} beats, ${posts} posts`);
  expect(server.beats.length - first).toBe(BEATS);
  expect(posts).toBeLessThanOrEqual(MOST_POSTS);
});

test('a window that says that it asks, and is gone before it does, holds a beat back for a bounded time @chromium-only', async ({
  context,
  site,
  server,
}) => {
  const page = await context.newPage();
  await signInThere(page, site.url, PACE);
  const gone = await context.newPage();
  await gone.goto(`${site.url}/small/other`);
  // The beat is due, and the user is not there.
  await expect.poll(async () => Date.now() - ((await snapshotOf(page)).wakeAt ?? Infinity)).toBeGreaterThan(0);
  const beats = server.beats.length;
  let isHeard = false;
  void page
    .evaluate(
      (name) => new Promise<void>((hear) => new BroadcastChannel(name).addEventListener('message', () => hear())),
      CHANNEL,
    )
    .then(() => {
      isHeard = true;
    });
  await expect
    .poll(async () => {
      await gone.evaluate(([name, message]) => new BroadcastChannel(name).postMessage(message), [
        CHANNEL,
        { stillhere: PROTOCOL_VERSION, type: 'activity', payload: { age: 0, asks: true } },
      ] as const);
      return isHeard;
    })
    .toBe(true);
  const toldAt = Date.now();
  await gone.close();
  await typeInAll([page], () => server.beats.length > beats);
  expect((server.beats[beats]?.arrivedAt ?? 0) - toldAt).toBeGreaterThan(MIN_INTERVAL_MS);
});
