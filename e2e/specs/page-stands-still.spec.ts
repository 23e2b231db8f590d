import type { Page } from '@playwright/test';
import { test } from '../support/own-site.js';
import { told } from '../support/page-log.js';
import { expect, expectStatus, signInThere, typeFor, typeUntil } from '../support/test.js';

/** The site's idle limit. */
const IDLE_LIMIT_SECONDS = 10;
const TYPED_SECONDS = 1.6 * IDLE_LIMIT_SECONDS;

/** The page asks its user, and stands still until there is an answer. */
async function standStill(page: Page): Promise<{ goOn: () => Promise<void> }> {
  const opened = page.waitForEvent('dialog');
  await page.evaluate(() => void setTimeout(() => confirm('Leave?')));
  const dialog = await opened;
  return { goOn: () => dialog.dismiss() };
}

/** Another tab of the site, whose engine is in the page as well. */
async function openBeside(page: Page, url: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(`${url}/small/?worker=off`);
  await expectStatus(other, 'active');
  return other;
}

test('a page that shows a dialog while its beat is on its way holds up no other page', async ({
  page,
  server,
  site,
}) => {
  await signInThere(page, site.url, '?worker=off');
  const other = await openBeside(page, site.url);
  await page.bringToFront();
  const hold = server.hold('request');
  await typeUntil(page, () => hold.isHolding());
  const { goOn } = await standStill(page);
  hold.release();
  await other.bringToFront();
  await typeFor(other, TYPED_SECONDS);
  await expectStatus(other, 'active');
  expect(await told(other, 'onExpired')).toEqual([]);
  expect(server.beats.filter(({ answer }) => answer && answer.status !== 200)).toEqual([]);

  await goOn();
  await typeFor(other, 3);
  for (const tab of [page, other]) {
    await expectStatus(tab, 'active');
    expect(await told(tab, 'onExpired')).toEqual([]);
  }
});

test('a page that shows a dialog in the middle of a transaction holds up no other page', async ({
  page,
  server,
  site,
}) => {
  await signInThere(page, site.url, '?worker=off');
  const other = await openBeside(page, site.url);
  const opened = page.waitForEvent('dialog');
  await page.evaluate(async () => {
    const [{ name = '' } = {}] = await indexedDB.databases();
    const request = indexedDB.open(name);
    request.onsuccess = () => {
      const transaction = request.result.transaction('keepalive', 'readwrite');
      transaction.objectStore('keepalive').get('state').onsuccess = () => confirm('Leave?');
      transaction.oncomplete = () => request.result.close();
    };
  });
  const dialog = await opened;
  await other.bringToFront();
  await typeFor(other, TYPED_SECONDS);
  await expectStatus(other, 'active');
  expect(await told(other, 'onExpired')).toEqual([]);

  await dialog.dismiss();
  const before = server.beats.length;
  await typeUntil(other, () => server.beats.length >= before + 2);
  for (const tab of [page, other]) {
    await expectStatus(tab, 'active');
    expect(await told(tab, 'onExpired')).toEqual([]);
  }
});
