import { expectWithin } from '../support/machine.js';
import { expectOneBeatPerInterval, GRANTS_APART_MS, gaps } from '../support/pace.js';
import { events, told } from '../support/page-log.js';
import { expect, expectStatus, grantsOf, openTab, signIn, test, typeFor } from '../support/test.js';

const REACHES_ALL_WITHIN_MS = 1_000;

test('the page without a worker does the same across tabs', async ({ page, context, demo, server, provider }) => {
  await signIn(page, demo, 'Ada', '/app?worker=off');
  const tabs = [page, await openTab(context, demo, '/app?worker=off'), await openTab(context, demo, '/app?worker=off')];
  await page.bringToFront();
  // Longer than the idle limit: without beats it would be over.
  await typeFor(page, 12);
  for (const tab of tabs) await expectStatus(tab, 'active');
  expect((await events(page, 'host')).map(({ host }) => host)).toEqual(['page']);
  await expectOneBeatPerInterval(page, server, demo.settings);
  for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe('/app');
  // One grant whenever one is due, whichever tab asks.
  const made = grantsOf(provider);
  expect(made.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...gaps(made))).toBeGreaterThanOrEqual(GRANTS_APART_MS);

  // Hands off: it ends, in all tabs together, once.
  for (const tab of tabs) await expectStatus(tab, 'expired');
  const [first] = (await Promise.all(tabs.map((tab) => told(tab, 'onExpired')))).flat().sort((a, b) => a.at - b.at);
  for (const tab of tabs) {
    const expired = await told(tab, 'onExpired');
    expect(expired.map(({ value }) => value.reason)).toEqual(['idle_timeout']);
    expectWithin(REACHES_ALL_WITHIN_MS, first?.at, expired[0]?.at);
    expect(await events(tab, 'end')).toHaveLength(1);
  }
});
