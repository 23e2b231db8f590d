import type { Page } from 'puppeteer-core';

declare global {
  interface Window {
    /** Sets the page's clock to `ms` beside the true one. */
    setClock(ms: number): void;
  }
}

/**
 * Gives the next pages a device clock that is `ms` wrong. No driver sets a browser's clock, so the
 * page's own `Date` is what is wrong; a worker's cannot be reached, so the engine has to run in the
 * page. Timers go on as ever, as they do when a device's clock is set.
 */
export async function shiftClock(page: Page, ms: number): Promise<void> {
  await page.evaluateOnNewDocument((start) => {
    const now = Date.now.bind(Date);
    let shift = start;
    window.setClock = (next) => {
      shift = next;
    };
    Date.now = () => now() + shift;
    window.Date = new Proxy(Date, {
      construct: (target, args) => Reflect.construct(target, args.length ? args : [now() + shift]),
    });
  }, ms);
}
