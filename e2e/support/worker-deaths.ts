import type { Page } from '@playwright/test';
import { events } from './small-app/read-log.js';
import { expect } from './test.js';

/** How long a worker may live at most before it is stopped. */
const LONGEST_LIFE_MS = 500;

interface WorkerDeaths {
  /** Resolves when one more worker is dead. */
  next(): Promise<void>;
}

/** Stops, by force and at a random moment of its life, each worker that runs (Chromium). */
async function byForce(page: Page, onDeath: () => void): Promise<WorkerDeaths> {
  const cdp = await page.context().newCDPSession(page);
  let isRunning = false;
  let started: () => void = () => undefined;
  cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { runningStatus } of versions) isRunning = runningStatus === 'running' || runningStatus === 'starting';
    if (isRunning) started();
  });
  await cdp.send('ServiceWorker.enable');
  return {
    async next() {
      if (!isRunning)
        await new Promise<void>((resolve) => {
          started = resolve;
        });
      // No event can be awaited: every moment is to be met.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE_MS));
      onDeath();
      await cdp.send('ServiceWorker.stopAllWorkers');
    },
  };
}

/**
 * Waits for each worker to die by itself, and its successor to tell (Firefox, whose preferences say
 * how soon).
 */
async function byThemselves(page: Page): Promise<WorkerDeaths> {
  const count = async (): Promise<number> => (await events(page, 'worker')).length;
  let seen = await count();
  return {
    async next() {
      await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(seen);
      seen += 1;
    },
  };
}

const workerDeaths = (page: Page, onDeath: () => void): Promise<WorkerDeaths> =>
  page.context().browser()?.browserType().name() === 'chromium' ? byForce(page, onDeath) : byThemselves(page);

/**
 * Somebody types in one tab, then in another, and presses "stay signed in" in all of them, again
 * and again.
 */
async function useTabs(tabs: readonly Page[], isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1) {
    const tab = tabs[Math.floor(Math.random() * tabs.length)];
    await tab?.bringToFront();
    await tab?.getByTestId('field-summary').pressSequentially('words ', { delay: 40 });
    if (turn % 3) continue;
    for (const each of tabs) await each.evaluate(() => void window.smallApp.keepalive.extend());
  }
}

export interface Load {
  readonly deaths: number;
  stop(): Promise<void>;
}

/**
 * From now on somebody is there, and workers die under it. `onDeath` is called right before each
 * death that is by force.
 */
export async function startLoad(tabs: readonly [Page, ...Page[]], onDeath: () => void): Promise<Load> {
  const { next } = await workerDeaths(tabs[0], onDeath);
  let deaths = 0;
  let isOver = false;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const dying = (async () => {
    while (!isOver) {
      await Promise.race([next(), ended]);
      deaths += Number(!isOver);
    }
  })();
  const using = useTabs(tabs, () => isOver);
  return {
    get deaths() {
      return deaths;
    },
    async stop() {
      isOver = true;
      end();
      await Promise.all([using, dying]);
    },
  };
}
