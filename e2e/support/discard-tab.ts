import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { expect } from './test.js';

/**
 * Discards a tab as a browser does that runs short of memory, by the browser's own page for it, and
 * returns the tab as a new driver sees it: behind that page, and loaded anew. A browser discards no
 * tab that a driver is attached to, so this one lets go of it meanwhile, and it loads a discarded
 * one that a driver attaches to.
 */
export async function discardTab(browser: Browser, url: string, meanwhile: () => Promise<void>): Promise<Page> {
  const tool = await browser.newPage();
  await tool.goto('chrome://chrome-urls/');
  await tool.waitForSelector('chrome-urls-app >>> cr-button');
  await tool.click('chrome-urls-app >>> cr-button');
  await tool.goto('chrome://discards/');
  await tool.waitForSelector('discards-main >>> .actions-cell');
  const browserWSEndpoint = browser.wsEndpoint();
  await browser.disconnect();

  const elsewhere = await puppeteer.connect({
    browserWSEndpoint,
    defaultViewport: null,
    targetFilter: (target) => !target.url().startsWith(url),
  });
  const tools = (await elsewhere.pages()).find((page) => page.url().startsWith('chrome://discards'));
  const rows = 'discards-main >>> #tab-discards-info-table-body tr';
  const isDiscarded = (): Promise<boolean> | undefined =>
    tools?.$$eval(
      rows,
      (all, tab) => all.some(({ textContent }) => textContent?.includes(tab) && / discarded \(/.test(textContent)),
      url,
    );
  await tools?.$$eval(
    rows,
    (all, tab) => {
      const row = all.find(({ textContent }) => textContent?.includes(tab));
      const links = [...(row?.querySelectorAll<HTMLElement>('.actions-cell [is="action-link"]') ?? [])];
      links.find(({ textContent }) => textContent?.includes('[Urgent Discard]'))?.click();
    },
    url,
  );
  await expect.poll(isDiscarded).toBe(true);
  await elsewhere.disconnect();
  await meanwhile();

  const again = await puppeteer.connect({ browserWSEndpoint, defaultViewport: null });
  const tab = (await again.pages()).find((page) => page.url().startsWith(url));
  if (!tab) throw new Error(`There is no tab of ${url} any more.`);
  return tab;
}
