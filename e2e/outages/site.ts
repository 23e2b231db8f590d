import { Hono } from 'hono';
import type { TestProvider } from '../../server/dev-provider/provider.js';
import { appOrigin } from '../../server/testing/app/beat-request.js';
import { serveApp } from '../../server/testing/app/served-app.js';
import { type CrowdUser, signInCrowd } from '../../server/testing/crowd.js';
import { startFront } from '../../server/testing/processes/front.js';
import { DEFAULT_SETTINGS } from '../../sw/protocol.js';
import { openPage, type Page } from './pages.js';

/** Settings of the service, without its clock. */
type ServiceSettings = Omit<NonNullable<Parameters<typeof signInCrowd>[2]>, 'now'>;

/** A user with an open page. */
export interface Visitor extends CrowdUser {
  page: Page;
}

/**
 * An application behind a proxy, with signed-in users whose pages are open. Node's `fetch` keeps no
 * cookies: each user has a path of their own, and the site adds the cookie.
 */
export async function openSite(provider: TestProvider, users: number, service: ServiceSettings) {
  const crowd = await signInCrowd(provider, users, service);
  const now = crowd.options.now ?? Date.now;
  const browsers: CrowdUser[] = [];
  const site = new Hono();
  site.all('/:user/auth/:route', ({ req }) => {
    const headers = new Headers(req.raw.headers);
    headers.delete('origin');
    headers.set('sec-fetch-site', 'same-origin');
    headers.set('cookie', browsers[Number(req.param('user'))]?.cookie ?? '');
    const { method, body } = req.raw;
    const init = { method, headers, body, duplex: 'half' };
    return crowd.app.request(`${appOrigin}/auth/${req.param('route')}`, init);
  });
  const served = await serveApp(site);
  const front = await startFront();
  front.passTo(served.address);
  async function open(user: CrowdUser): Promise<Visitor> {
    const n = browsers.push(user) - 1;
    return { ...user, page: await openPage({ sessionId: user.sessionId, address: `${front.origin}/${n}`, now }) };
  }
  const visitors: Visitor[] = [];
  for (const user of crowd.users) {
    // Not all at once: some page is always about to beat.
    crowd.pass(DEFAULT_SETTINGS.interval / 1_000 / users);
    visitors.push(await open(user));
  }
  return {
    ...crowd,
    visitors,
    front,
    /** One more user, not among the visitors. */
    async newVisitor(): Promise<Visitor> {
      return open(await crowd.signIn());
    },
    /**
     * Time goes on, and every `step` seconds the pages look at the clock. The visitors type all the
     * time; of `absent` only the pages are open.
     */
    async live(seconds: number, step: number, absent: readonly Visitor[] = []): Promise<void> {
      for (let at = 0; at < seconds; at += step) {
        crowd.pass(step);
        await Promise.all([
          ...visitors.map(({ page }) => page.look(true)),
          ...absent.map(({ page }) => page.look(false)),
        ]);
      }
    },
    async close(): Promise<void> {
      await front.close();
      await served.close();
      await crowd.service.close();
    },
  };
}

export type Site = Awaited<ReturnType<typeof openSite>>;
