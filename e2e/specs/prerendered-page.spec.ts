import type { Page } from 'puppeteer-core';
import { events, expect, open, signIn, test, waitForStatus } from '../support/natural-browser.js';

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });

/** The pages that have said hello, as one of them heard it: the engine tells every page of every ping. */
async function greeters(listener: Page): Promise<string[]> {
  const hellos = (await events(listener, 'ping')).filter(({ ask }) => ask === 'hello');
  return [...new Set(hellos.map(({ tab }) => tab))];
}

test('a prerendered page says hello only when it is looked at, and makes no beat before @chromium-only', async ({
  demo,
  natural,
  server,
  smallApp,
}) => {
  const listener = await natural.newPage();
  await signIn(listener, demo);
  const page = await natural.newPage();
  await open(page, demo);
  // Until nobody has anything to report.
  const quietFor = () => Date.now() - (server.beats.at(-1)?.arrivedAt ?? Date.now());
  await expect.poll(quietFor).toBeGreaterThan(4_000);
  const beats = server.beats.length;
  expect(await greeters(listener)).toHaveLength(2);

  await page.evaluate(() => {
    const rules = document.createElement('script');
    rules.type = 'speculationrules';
    rules.textContent = JSON.stringify({
      prerender: [{ source: 'list', urls: ['/small/?ahead'], eagerness: 'immediate' }],
    });
    document.head.append(rules);
  });
  await expect.poll(() => smallApp.prerendered.length).toBe(1);
  // Longer than the interval and than any hello takes.
  await expect.poll(() => Date.now() - (smallApp.prerendered[0] ?? Date.now())).toBeGreaterThan(3_000);
  expect(await greeters(listener)).toHaveLength(2);
  expect(server.beats).toHaveLength(beats);

  await page.evaluate(() => void setTimeout(() => location.assign('/small/?ahead')));
  const activatedAt = () =>
    page
      .evaluate(() => {
        const [entry] = performance.getEntriesByType('navigation');
        return entry && 'activationStart' in entry ? Number(entry.activationStart) : 0;
      })
      // The page's frame makes way for the prerendered one.
      .catch(() => 0);
  await expect.poll(activatedAt).toBeGreaterThan(0);
  await waitForStatus(page, 'active');
  expect(smallApp.prerendered).toHaveLength(1);
  await expect.poll(() => greeters(listener)).toHaveLength(3);
});
