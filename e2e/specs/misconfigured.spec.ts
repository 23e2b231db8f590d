import type { Page } from '@playwright/test';
import type { Around } from '../demo/demo.js';
import type { Fetch } from '../demo/listen.js';
import { test as base } from '../support/natural-browser.js';
import type { ServedAsk } from '../support/server-log.js';
import { events, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, signIn, typeUntil } from '../support/test.js';

/** What is wrong at the site from now on. */
interface Mistake {
  make(mistake: Around | null): void;
}

const test = base.extend<{ mistake: Mistake & { around: Around } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  mistake: async ({}, use) => {
    let made: Around | null = null;
    await use({
      make(mistake) {
        made = mistake;
      },
      around: (site) => (request) => (made ? made(site) : site)(request),
    });
  },
  around: async ({ smallApp, mistake }, use) => use((site) => mistake.around(smallApp.around(site))),
});
// Nobody's session ends here by itself.
test.use({ pace: { idleTimeoutSeconds: 120, refreshTokenIdleSeconds: 120 } });

const at =
  (path: string, answer: (request: Request, site: Fetch) => ReturnType<Fetch>): Around =>
  (site) =>
  (request) =>
    new URL(request.url).pathname === path ? answer(request, site) : site(request);

interface Change {
  path?: string;
  method?: string;
  body?: string;
  /** `null` drops it. */
  headers?: Record<string, string | null>;
}

/** A proxy that hands a beat to the real server as another request than the page has sent. */
const handedOn = ({ path, method, body, headers = {} }: Change): Around =>
  at('/auth/heartbeat', async (request, site) => {
    const sent = new Headers(request.headers);
    sent.delete('Content-Length');
    for (const [name, value] of Object.entries(headers))
      if (value === null) sent.delete(name);
      else sent.set(name, value);
    const how = method ?? request.method;
    return site(
      new Request(new URL(path ?? request.url, request.url), {
        method: how,
        headers: sent,
        body: how === 'GET' ? null : (body ?? (await request.text())),
      }),
    );
  });

const errorsOf = async (page: Page): Promise<string[]> => (await told(page, 'onError')).map(({ value }) => value.code);

const isConfirmed = ({ answer }: ServedAsk): boolean => answer?.status === 200;

async function expectNoEnd(page: Page): Promise<void> {
  await expectStatus(page, 'active');
  expect(await told(page, 'onExpired')).toEqual([]);
  expect(await told(page, 'onSignedOut')).toEqual([]);
}

const WORKERS: readonly { what: string; answer: () => Response; code: string }[] = [
  { what: 'is not there', answer: () => new Response('Not found', { status: 404 }), code: 'worker-missing' },
  {
    what: 'is the index.html of a fallback',
    answer: () => new Response('<!doctype html><title>App</title>', { headers: { 'Content-Type': 'text/html' } }),
    code: 'worker-html',
  },
];

for (const { what, answer, code } of WORKERS) {
  test(`the worker's file ${what}: the page is told ${code}, once, and keeps the session itself`, async ({
    page,
    demo,
    server,
    mistake,
  }) => {
    mistake.make(at('/auth/stillhere-sw.js', answer));
    await signIn(page, demo, 'Ada', '/small/');
    await typeUntil(page, () => server.beats.filter(isConfirmed).length > 2);
    await expect.poll(() => errorsOf(page)).toEqual([code]);
    expect(await snapshotOf(page)).toMatchObject({ host: 'page', shared: true });
    await expectNoEnd(page);
  });
}

test("the worker's file that never comes is given up: what the page asked is answered, and it keeps the session itself", async ({
  page,
  demo,
  server,
  mistake,
}) => {
  await signIn(page, demo, 'Ada', '/small/?worker=off');
  mistake.make(at('/auth/stillhere-sw.js', () => new Promise(() => undefined)));
  await page.goto(`${demo.url}/small/`);
  expect(await page.evaluate(() => window.smallApp.keepalive.extend())).toBe('alive');
  const before = server.beats.length;
  await typeUntil(page, () => server.beats.slice(before).some(isConfirmed));
  expect(await snapshotOf(page)).toMatchObject({ host: 'page', shared: true });
  await expectNoEnd(page);
});

/**
 * What the server says, to whatever browser. `reason`: its own word for it, which must not hide the
 * status.
 */
const BEATS: readonly { what: string; mistake: Around; status: number; reason?: string }[] = [
  { what: 'go where no route is', mistake: handedOn({ path: '/auth/beat' }), status: 404 },
  {
    what: 'come as another method',
    mistake: handedOn({ method: 'GET' }),
    status: 405,
    reason: 'method_not_allowed',
  },
  {
    what: 'lose X-Stillhere in a proxy',
    mistake: handedOn({ headers: { 'X-Stillhere': null } }),
    status: 403,
    reason: 'cross_origin',
  },
  {
    what: 'lose Origin and Sec-Fetch-Site in a proxy',
    mistake: handedOn({ headers: { Origin: null, 'Sec-Fetch-Site': null } }),
    status: 403,
    reason: 'cross_origin',
  },
  { what: 'lose half of their body', mistake: handedOn({ body: '{' }), status: 400, reason: 'bad_request' },
  {
    what: 'come as text/plain',
    mistake: handedOn({ headers: { 'Content-Type': 'text/plain' } }),
    status: 415,
    reason: 'unsupported_type',
  },
];

for (const { what, mistake: wrong, status, reason } of BEATS) {
  test(`beats ${what}: the page is told endpoint-${status}, once, and goes on when it is mended @chromium-only`, async ({
    page,
    demo,
    server,
    mistake,
  }) => {
    await signIn(page, demo, 'Ada', '/small/');
    await typeUntil(page, () => server.beats.some(isConfirmed));
    mistake.make(wrong);
    const refused = () => server.beats.filter(({ answer }) => answer?.status === status);
    await typeUntil(page, () => refused().length > 1);
    await expect.poll(() => errorsOf(page)).toEqual([`endpoint-${status}`]);
    if (reason) expect(refused().map(({ answer }) => answer?.body.reason)).toEqual(refused().map(() => reason));
    await expectNoEnd(page);

    mistake.make(null);
    const before = server.beats.length;
    await typeUntil(page, () => server.beats.slice(before).some(isConfirmed));
    expect(await errorsOf(page)).toEqual([`endpoint-${status}`]);
    await expectNoEnd(page);
  });
}

/**
 * The page learns of its session where nothing blocks, on the other `path`, and comes with it to
 * where the policy does.
 */
const POLICIES: readonly { what: string; path: string; from: string; policed: string; host: string }[] = [
  { what: 'of a page without a worker', path: '/small/?worker=off', from: '/small/', policed: '/small/', host: 'page' },
  {
    what: "of the worker's script",
    path: '/small/',
    from: '/small/?worker=off',
    policed: '/auth/stillhere-sw.js',
    host: 'worker',
  },
];

for (const { what, path, from, policed, host } of POLICIES) {
  test(`the Content-Security-Policy ${what} allows no connection: the page is told endpoint-blocked, once`, async ({
    page,
    demo,
    server,
    mistake,
  }) => {
    await signIn(page, demo, 'Ada', from);
    await typeUntil(page, () => server.beats.some(isConfirmed));
    mistake.make(
      at(policed, async (request, site) => {
        const { status, headers, body } = await site(request);
        const sent = new Headers(headers);
        sent.set('Content-Security-Policy', "connect-src 'none'");
        return new Response(body, { status, headers: sent });
      }),
    );
    await page.goto(demo.url + path);
    await expectStatus(page, 'active');
    const before = server.beats.length;
    await typeUntil(
      page,
      async () => (await events(page, 'answer')).filter(({ code }) => code === 'network').length > 2,
    );
    await expect.poll(() => errorsOf(page)).toEqual(['endpoint-blocked']);
    expect(server.beats.length).toBe(before);
    expect(await snapshotOf(page)).toMatchObject({ host });
    await expectNoEnd(page);
  });
}
