import { test } from '../support/own-site.js';
import { told } from '../support/small-app/read-log.js';
import { expect, expectStatus, signInThere, typeUntil } from '../support/test.js';

const TABS = 10;

const portal = (): Response =>
  new Response('<!doctype html><title>Free Wi-Fi</title>', { headers: { 'Content-Type': 'text/html' } });

test('one answer of a captive portal is told once for the browser, not once for each of ten tabs', async ({
  page,
  context,
  site,
  server,
  between,
}) => {
  await signInThere(page, site.url);
  const tabs = [page];
  while (tabs.length < TABS) {
    const tab = await context.newPage();
    await tab.goto(`${site.url}/small/`);
    await expectStatus(tab, 'active');
    tabs.push(tab);
  }
  const errors = async () => {
    const lists = await Promise.all(tabs.map((tab) => told(tab, 'onError')));
    return lists.flat().map(({ value }) => value.code);
  };
  expect(await errors()).toEqual([]);
  between.stand(portal);
  const before = server.beats.length;
  await page.bringToFront();
  await typeUntil(page, () => server.beats.length > before);
  await expect.poll(errors).toEqual(['endpoint-html']);
  // Every tab has heard the answer by now, and so has one more beat's.
  await typeUntil(page, () => server.beats.length > before + 1);
  expect(await errors()).toEqual(['endpoint-html']);

  // A page that loads again is told again, though another page met the last wrong answer.
  await page.reload();
  await typeUntil(page, async () => (await told(page, 'onError')).length > 0);
  expect((await told(page, 'onError')).map(({ value }) => value.code)).toEqual(['endpoint-html']);
});
