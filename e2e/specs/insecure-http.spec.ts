import {
  test as base,
  events,
  expect,
  snapshotOf,
  told,
  typeUntil,
  waitForStatus,
} from '../support/natural-browser.js';
import { startOwnSessions } from '../support/own-sessions-site.js';

const HOST = 'app.test';

const test = base.extend<{ url: string }>({
  url: async ({ server, smallApp }, use) => {
    const site = await startOwnSessions((own) => server.around(smallApp.around(own)));
    await use(`http://${HOST}:${site.port}`);
    await site.close();
  },
});

test.use({ browserArgs: [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`] });

test('on plain http, with neither workers nor locks, each tab keeps the session for itself and shows its end @chromium-only', async ({
  natural,
  server,
  url,
}) => {
  const page = await natural.newPage();
  await page.goto(`${url}/sign-in`);
  await waitForStatus(page, 'active');
  expect(await page.evaluate(() => [isSecureContext, 'serviceWorker' in navigator, 'locks' in navigator])).toEqual([
    false,
    false,
    false,
  ]);
  const other = await natural.newPage();
  await other.goto(`${url}/small/`);
  await waitForStatus(other, 'active');
  const since = Date.now();
  // Longer than the idle limit of 10 s.
  await typeUntil(other, () => Date.now() - since > 12_000);
  const typed = Date.now() - since;
  const beats = server.beats.length;
  for (const tab of [page, other]) {
    expect(await snapshotOf(tab)).toMatchObject({ status: 'active', host: 'page', shared: false });
    expect(await told(tab, 'onError')).toEqual([]);
  }
  // The tab that is typed in beats at its pace, and no other tab does.
  expect(beats).toBeLessThanOrEqual(typed / 1_800 + 4);
  for (const tab of [page, other]) {
    await waitForStatus(tab, 'expired');
    expect((await told(tab, 'onExpired')).map(({ value }) => value.reason)).toEqual(['idle_timeout']);
    expect(await events(tab, 'end')).toHaveLength(1);
  }
});
