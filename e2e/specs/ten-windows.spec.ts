import type { BrowserContext, Page } from '@playwright/test';
import { sharedName } from '../../sw/names.js';
import { PROTOCOL_VERSION } from '../../sw/protocol.js';
import { buildId } from '../../tools/build-id.mjs';
import { test } from '../support/own-site.js';
import { snapshotOf } from '../support/small-app/read-log.js';
import { expect, expectStatus, signInThere } from '../support/test.js';

declare global {
  interface Window {
    /** The messages that this page has posted to a worker. */
    posts: number;
    /** Those that it has posted though it had heard that another window asks for the same beat. */
    needless: number;
    /** The times that this page has heard that another window asks. */
    asks: number;
  }
}

const WINDOWS = 10;
const BEATS = 3;
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

// No end is announced, so that the pace alone decides, and none comes while the windows are opened.
test.use({ ownSessions: { idleMs: 120_000, facts: { nextBeatIn: 6 } } });

/** Windows that are all visible, and count what they post. */
async function openWindows(context: BrowserContext, url: string): Promise<Page[]> {
  await context.addInitScript(
    ([channel, minInterval]) => {
      window.posts = window.needless = window.asks = 0;
      let heardAt = 0;
      // Older than the channel of the page's own code, so that it hears each message first.
      new BroadcastChannel(channel).addEventListener('message', ({ data }) => {
        if (!data.payload.asks) return;
        window.asks += 1;
        heardAt = Date.now();
      });
      const { postMessage } = ServiceWorker.prototype;
      ServiceWorker.prototype.postMessage = function (...message: unknown[]) {
        window.posts += 1;
        // The other window may be gone: this one asks after that one could have asked again.
        const isHeldBack = heardAt > 0 && Date.now() - heardAt < minInterval;
        if (isHeldBack && heardAt >= (window.smallApp.keepalive.snapshot().wakeAt ?? Infinity)) window.needless += 1;
        return Reflect.apply(postMessage, this, message);
      };
    },
    [CHANNEL, MIN_INTERVAL_MS] as const,
  );
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

/**
 * A key in each window at the same time, again and again: the pause is the behaviour under test.
 */
async function typeInAll(windows: Page[], isDone: (times: number) => boolean | Promise<boolean>): Promise<void> {
  for (let times = 0; !(await isDone(times)); times += 1) {
    await Promise.all(windows.map((page) => page.keyboard.press('a', { delay: 250 })));
  }
}

type Counts = Pick<Window, 'posts' | 'needless' | 'asks'>;

async function countsOf(windows: Page[]): Promise<Counts> {
  const all = await Promise.all(
    windows.map((page) => page.evaluate(() => ({ posts: window.posts, needless: window.needless, asks: window.asks }))),
  );
  const sum = (name: keyof Counts) => all.reduce((total, counts) => total + counts[name], 0);
  return { posts: sum('posts'), needless: sum('needless'), asks: sum('asks') };
}

/**
 * Each window leaves a beat to the one that asks for it. Windows that have not heard of that yet
 * may ask as well: their number depends on how long messages take, and is printed. Posts from
 * before are no part of it: a window that is being opened says hello, whatever it has heard.
 */
async function expectNoNeedlessPost(windows: Page[], before: Counts): Promise<void> {
  const { posts, needless, asks } = await countsOf(windows);
  console.log(`ten windows: ${posts - before.posts} posts for ${BEATS} beats`);
  expect(needless - before.needless).toBe(0);
  // For each beat, all windows but the one that asks are told.
  expect(asks - before.asks).toBeGreaterThanOrEqual(BEATS * (WINDOWS - 1));
}

test('ten windows that are all in use leave each beat to the one that asks, however long the server takes @chromium-only', async ({
  context,
  site,
  server,
}) => {
  const windows = await openWindows(context, site.url);
  const before = await countsOf(windows);
  for (let beat = 0; beat < BEATS; beat += 1) {
    const held = server.hold('answer');
    await typeInAll(windows, held.isHolding);
    // Each window would have asked by now.
    await typeInAll(windows, (times) => times === 8);
    held.release();
    await expect.poll(() => server.beats.at(-1)?.answer).toBeTruthy();
  }
  await expectNoNeedlessPost(windows, before);
});

test('ten windows that are all in use leave each beat to the one that asks, however long the worker takes @chromium-only', async ({
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
  const [before, first] = [await countsOf(windows), server.beats.length];
  await typeInAll(windows, () => server.beats.length >= first + BEATS);
  // The windows that have not heard of the last beat yet would ask now.
  await typeInAll(windows, (times) => times === 8);
  expect(server.beats.length - first).toBe(BEATS);
  await expectNoNeedlessPost(windows, before);
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
