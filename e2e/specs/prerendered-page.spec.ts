import type { Page } from 'puppeteer-core';
import { events, expect, openSignedIn, openTab, test } from '../support/natural-browser.js';
import { quietFor } from '../support/pace.js';

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });

/** Two processes read the clock. */
const ROUNDING_MS = 500;

/**
 * The pages that have said hello, and when first, as one of them heard it: the engine tells every
 * page of every ping.
 */
async function greeters(listener: Page): Promise<Map<string, number>> {
  const hellos = (await events(listener, 'ping')).filter(({ ask }) => ask === 'hello');
  return new Map(hellos.reverse().map(({ tab, at }) => [tab, at]));
}

/** What all tabs share, and only a hello changes. */
const storedInterval = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('stillhere:/auth/heartbeat');
        opening.onsuccess = () => {
          const asked = opening.result.transaction('keepalive').objectStore('keepalive').get('state');
          asked.onsuccess = () => {
            opening.result.close();
            resolve(asked.result.settings.interval);
          };
        };
      }),
  );

// By itself the browser lets no prerendered page register a worker, post to one or take a lock. An
// engine in the page needs neither to note an ask.
for (const host of ['worker', 'page']) {
  const path = host === 'worker' ? '/small/' : '/small/?worker=off';
  const ahead = host === 'worker' ? '/small/?interval=2500' : '/small/?interval=2500&worker=off';
  test(`a prerendered page says hello only when it is looked at, and makes no beat before, with the engine in the ${host} @chromium-only`, async ({
    demo,
    natural,
    server,
    smallApp,
  }) => {
    const listener = await openSignedIn(natural, demo, 'Ada', path);
    const page = await openTab(natural, demo, path);
    // Until nobody has anything to report.
    await expect.poll(() => quietFor(server)).toBeGreaterThan(4_000);
    const beats = server.beats.length;
    const before = await greeters(listener);
    expect(before.size).toBe(2);

    await page.evaluate((url) => {
      const rules = document.createElement('script');
      rules.type = 'speculationrules';
      rules.textContent = JSON.stringify({ prerender: [{ source: 'list', urls: [url], eagerness: 'immediate' }] });
      document.head.append(rules);
    }, ahead);
    await expect.poll(() => smallApp.prerendered.length).toBe(1);
    // Longer than the interval and than any hello takes.
    await expect.poll(() => Date.now() - (smallApp.prerendered[0] ?? Date.now())).toBeGreaterThan(3_000);
    expect((await greeters(listener)).size).toBe(2);
    expect(await storedInterval(listener)).toBe(2_000);
    expect(server.beats).toHaveLength(beats);

    const goneAt = Date.now();
    await page.evaluate((url) => void setTimeout(() => location.assign(url)), ahead);
    await expect.poll(async () => (await greeters(listener)).size).toBe(3);
    const [hello] = [...(await greeters(listener))].filter(([tab]) => !before.has(tab));
    // A prerendered page's messages may wait for its activation: when it said hello, not when that
    // was heard.
    expect(hello?.[1]).toBeGreaterThan(goneAt - ROUNDING_MS);
    expect(smallApp.prerendered).toHaveLength(1);
  });
}
