import type { Around } from '../demo/demo.js';
import { test as base, expect, expectKept, openTab, PACE, signIn, typeFor } from '../support/test.js';

/** `Origin` of every POST to the session's routes, as the browser sent it. */
interface Posts {
  origins: { path: string; origin: string | null; status: number }[];
}

/** A site whose answers all say `no-referrer`, behind a proxy that strips `Sec-Fetch-*`. */
const strictSite =
  (posts: Posts): Around =>
  (site) =>
  async (request) => {
    const headers = new Headers([...request.headers].filter(([name]) => !name.startsWith('sec-fetch-')));
    const { method, url } = request;
    const body = method === 'POST' ? await request.text() : null;
    const response = await site(new Request(url, { method, headers, body, redirect: 'manual' }));
    if (method === 'POST')
      posts.origins.push({
        path: new URL(url).pathname,
        origin: headers.get('origin'),
        status: response.status,
      });
    const answered = new Headers(response.headers);
    answered.set('Referrer-Policy', 'no-referrer');
    return new Response(response.body, { status: response.status, headers: answered });
  };

const test = base.extend<{ posts: Posts }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  posts: async ({}, use) => use({ origins: [] }),
  around: async ({ posts }, use) => use(strictSite(posts)),
});

for (const { host, path } of [
  { host: 'worker', path: '/app' },
  { host: 'page', path: '/app?worker=off' },
]) {
  test(`a page with no-referrer keeps its user, where a proxy strips Sec-Fetch-* (engine in the ${host})`, async ({
    page,
    demo,
    posts,
  }) => {
    await signIn(page, demo, 'Ada', path);
    await typeFor(page, 1.5 * PACE.idleTimeoutSeconds);
    await expectKept(page);
    const beats = posts.origins.filter((post) => post.path === '/auth/heartbeat');
    expect(beats.length).toBeGreaterThanOrEqual(3);
    for (const beat of beats) expect(beat).toMatchObject({ origin: demo.url, status: 200 });
  });
}

test('such a page signs out by fetch with the header, and not by a form', async ({ page, context, demo, posts }) => {
  await signIn(page, demo);
  await page.evaluate(() => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = '/auth/logout';
    document.body.append(form);
    form.submit();
  });
  const logouts = () => posts.origins.filter((post) => post.path === '/auth/logout');
  await expect.poll(logouts).toMatchObject([{ origin: 'null', status: 403 }]);
  const other = await openTab(context, demo);
  const status = await other.evaluate(
    async () => (await fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } })).status,
  );
  expect(status).toBe(200);
  expect(logouts()[1]).toMatchObject({ origin: demo.url });
});
