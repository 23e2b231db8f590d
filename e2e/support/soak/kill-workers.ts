import type { Page } from 'puppeteer-core';

export interface Kills {
  /** Orders to stop. */
  ordered: number;
  /** Those that met a worker that ran. */
  met: number;
  /** Of these, those at which a beat was on its way. */
  inFlight: number;
  stop(): Promise<void>;
}

/**
 * Stops the browser's workers by force at random moments, `everyMs` apart on the average. A worker
 * that has just started has something to do: three in four are stopped within two seconds of their
 * start besides, or most orders would meet none.
 */
export async function killWorkers(
  page: Page,
  everyMs: number,
  random: () => number,
  isBeatOnItsWay: () => boolean,
): Promise<Kills> {
  const cdp = await page.createCDPSession();
  const kills = { ordered: 0, met: 0, inFlight: 0 };
  let isRunning = false;
  let isStopped = false;
  const timers = new Set<NodeJS.Timeout>();

  function after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      then();
    }, ms);
    timers.add(timer);
  }

  function kill(): void {
    kills.ordered += 1;
    if (isRunning) {
      kills.met += 1;
      kills.inFlight += Number(isBeatOnItsWay());
    }
    // The browser may be closing.
    cdp.send('ServiceWorker.stopAllWorkers').catch(() => undefined);
  }

  function killNow(): void {
    kill();
    if (!isStopped) after(everyMs * (0.25 + 1.5 * random()), killNow);
  }

  cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    const runs = versions.some(({ runningStatus }) => runningStatus === 'running');
    if (runs && !isRunning && random() < 0.75) after(random() * 2_000, kill);
    isRunning = runs;
  });
  await cdp.send('ServiceWorker.enable');
  after(everyMs * random(), killNow);

  return Object.assign(kills, {
    async stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      await cdp.detach();
    },
  });
}
