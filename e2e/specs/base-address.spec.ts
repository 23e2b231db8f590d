import type { Page } from '@playwright/test';
import { listen } from '../demo/listen.js';
import { HTML } from '../support/bundle.js';
import { test as base } from '../support/own-site.js';
import { snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, signInThere, typeUntil } from '../support/test.js';

/** Another origin, as of a CDN, and the paths that were asked for there. */
interface Elsewhere {
  url: string;
  asked: readonly string[];
}

const test = base.extend<{ elsewhere: Elsewhere }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  elsewhere: async ({}, use) => {
    const asked: string[] = [];
    const other = await listen('127.0.0.1', 0);
    other.serve(({ url }) => {
      asked.push(new URL(url).pathname);
      return new Response('Not here.', { status: 404 });
    });
    await use({ url: `http://localhost:${other.port}/`, asked });
    await other.close();
  },
  // Every page of the small application says that its addresses are the other origin's.
  smallApp: async ({ smallApp, elsewhere }, use) =>
    use({
      ...smallApp,
      around: (site) => async (request) => {
        const response = await smallApp.around(site)(request);
        if (new URL(request.url).pathname !== '/small/') return response;
        const page = await response.text();
        const headers = { 'Content-Type': HTML };
        return new Response(page.replace('</head>', `<base href="${elsewhere.url}"></head>`), { headers });
      },
    }),
});

const baseOf = (page: Page): Promise<string> => page.evaluate(() => document.baseURI);

for (const { host, query } of [
  { host: 'worker', query: '' },
  { host: 'page', query: '?worker=off' },
]) {
  test(`a page whose <base> is of another origin beats at its own, with the engine in the ${host}`, async ({
    page,
    site,
    server,
    elsewhere,
  }) => {
    await signInThere(page, site.url, query);
    expect(await baseOf(page)).toBe(elsewhere.url);
    await typeUntil(page, () => server.beats.filter(({ answer }) => answer?.status === 200).length > 2);
    expect(await page.evaluate(() => window.smallApp.keepalive.check())).toBe('alive');
    expect(await snapshotOf(page)).toMatchObject({ host, status: 'active' });
    expect(await told(page, 'onError')).toEqual([]);
    expect(elsewhere.asked).toEqual([]);

    const login = page.waitForRequest((request) => request.isNavigationRequest());
    await page.evaluate(() => void window.smallApp.keepalive.signIn());
    const { origin, pathname } = new URL((await login).url());
    expect(origin + pathname).toBe(`${site.url}/auth/login`);
  });
}
