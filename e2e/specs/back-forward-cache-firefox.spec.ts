import { events, signOut, test } from '../support/natural-browser.js';
import { quietFor } from '../support/pace.js';
import { expect, expectStatus, LASTING, openTab, signIn, typeUntil } from '../support/test.js';

test.use({ pace: LASTING });

for (const host of ['worker', 'page']) {
  const path = host === 'worker' ? '/small/' : '/small/?worker=off';
  // Once a page has come out of that cache the driver finds it no more: the page tells the server
  // what it sees.
  test(`a page comes back from Firefox's back/forward cache, covered, when another tab has beaten and signed out meanwhile, and learns it, with the engine in the ${host} @firefox-only`, async ({
    page,
    context,
    demo,
    server,
    smallApp,
  }) => {
    await signIn(page, demo, 'Ada', path);
    const beats = server.beats.length;
    await typeUntil(page, () => server.beats.length > beats);
    // Firefox keeps no page that still waits for an answer: the page has nothing left to report,
    // and leaves without the user.
    await expect.poll(() => quietFor(server)).toBeGreaterThan(4_000);
    const answers = async () => (await events(page, 'answer')).length;
    await expect.poll(answers).toBe(server.beats.length + server.checks.length);
    await page.locator('#leave').evaluate((link: HTMLAnchorElement) => void setTimeout(() => link.click()));
    await page.waitForURL('**/small/other');
    const other = await openTab(context, demo, path);
    const missed = server.beats.length;
    await typeUntil(other, () => server.beats.length >= missed + 2);
    await signOut(other);
    await expectStatus(other, 'signed-out');
    await page.evaluate(() => void setTimeout(() => history.back()));
    await expect
      .poll(() => smallApp.returned)
      .toEqual([
        { status: 'active', shown: false },
        { status: 'signed-out', shown: false },
      ]);
  });
}
