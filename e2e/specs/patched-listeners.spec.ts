import type { Page } from '@playwright/test';
import { test } from '../support/own-site.js';
import { events, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, signInThere, typeUntil } from '../support/test.js';

declare global {
  interface Window {
    /** Calls of `addEventListener` on the window, for the types that count as activity. */
    added: number;
  }
}

/** Scripts on the page that wrap what Stillhere calls. Each counts the listeners that are added. */
const SCRIPTS = {
  'wraps addEventListener and not removeEventListener': () => {
    const { addEventListener } = EventTarget.prototype;
    window.added = 0;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      if (this === window && /key|pointer|wheel|touch|input/.test(type)) window.added += 1;
      const wrapped = typeof listener === 'function' ? (event: Event) => listener.call(this, event) : listener;
      addEventListener.call(this, type, wrapped, options);
    };
  },
  'hands events on in a later task': () => {
    const { addEventListener } = EventTarget.prototype;
    window.added = 0;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      const isCounted = this === window && /key|pointer|wheel|touch|input/.test(type);
      if (isCounted) window.added += 1;
      const later = (event: Event) => setTimeout(() => typeof listener === 'function' && listener.call(this, event));
      addEventListener.call(this, type, isCounted ? later : listener, options);
    };
  },
  'makes removeEventListener throw': () => {
    const { addEventListener } = EventTarget.prototype;
    window.added = 0;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      if (this === window && /key|pointer|wheel|touch|input/.test(type)) window.added += 1;
      addEventListener.call(this, type, listener, options);
    };
    EventTarget.prototype.removeEventListener = () => {
      throw new Error('This page removes no listener.');
    };
  },
};

const beatsTold = async (page: Page): Promise<number> =>
  (await events(page, 'beat')).filter(({ activity }) => activity === 'user').length;

for (const [what, script] of Object.entries(SCRIPTS)) {
  test(`a script that ${what} makes no more listeners however long the user types, and the session is kept`, async ({
    page,
    site,
  }) => {
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.addInitScript(script);
    await signInThere(page, site.url);
    const field = page.getByTestId('field-summary');
    // The resolution is a tenth of the default one, and so are the pauses between the keys.
    await field.pressSequentially('a'.repeat(50), { delay: 50 });
    const early = await page.evaluate(() => window.added);
    await field.pressSequentially('a'.repeat(150), { delay: 50 });
    expect(await page.evaluate(() => window.added)).toBeLessThanOrEqual(early + 3);
    const before = await beatsTold(page);
    await typeUntil(page, async () => (await beatsTold(page)) >= before + 2);
    expect((await snapshotOf(page)).status).toBe('active');
    expect(errors).toEqual([]);

    // The listeners that cannot be taken off do nothing once the keepalive has stopped.
    await page.evaluate(() => window.smallApp.keepalive.stop());
    const log = await page.evaluate(() => window.smallApp.log.length);
    await field.pressSequentially('aaaaaa', { delay: 500 });
    expect(await page.evaluate(() => window.smallApp.log.length)).toBe(log);
    expect(await told(page, 'onError')).toEqual([]);
  });
}

test('a page that a script writes anew with document.open() goes on counting activity, and knows when it is hidden', async ({
  page,
  site,
}) => {
  await signInThere(page, site.url);
  await typeUntil(page, async () => (await beatsTold(page)) >= 1);
  await page.evaluate(() => {
    document.open();
    document.write('<!doctype html><title>Anew</title><textarea data-testid="field-summary"></textarea>');
    document.close();
  });
  const before = await beatsTold(page);
  await typeUntil(page, async () => (await beatsTold(page)) >= before + 3);
  const { status } = await snapshotOf(page);
  expect(status).toBe('active');
});

test('a page that stops every key and every input before anybody hears of them still counts a click', async ({
  page,
  site,
}) => {
  await page.addInitScript(() => {
    for (const type of ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'focusin'])
      window.addEventListener(type, (event) => event.stopImmediatePropagation(), true);
  });
  await signInThere(page, site.url);
  const before = await beatsTold(page);
  await expect(async () => {
    await page.getByTestId('field-summary').click();
    expect(await beatsTold(page)).toBeGreaterThanOrEqual(before + 2);
  }).toPass({ intervals: [500] });
});
