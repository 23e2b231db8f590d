import { buildId } from '../../tools/build-id.mjs';
import type { Fetch, Listening } from '../demo/listen.js';
import { test as base } from './natural-browser.js';
import { type OwnSessions, startOwnSessions } from './own-sessions-site.js';

/**
 * What stands between the browser and the routes of the session: a portal, a proxy, a login guard.
 */
export interface Between {
  /** From now on this answers beats and checks; `null`: the server does. */
  stand(answer: Fetch | null): void;
}

export interface OwnSite extends Pick<Listening, 'stop' | 'start'> {
  url: string;
}

interface Fixtures {
  ownSessions: OwnSessions;
  between: Between & { around(site: Fetch): Fetch };
  /**
   * The small application with sessions of its own. It starts in no time, and says what no provider
   * would.
   */
  site: OwnSite;
}

export const test = base.extend<Fixtures>({
  ownSessions: [{}, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  between: async ({}, use) => {
    let standing: Fetch | null = null;
    await use({
      stand(answer) {
        standing = answer;
      },
      around: (site) => (request) =>
        standing && /^\/auth\/(heartbeat|session)$/.test(new URL(request.url).pathname)
          ? standing(request)
          : site(request),
    });
  },
  site: async ({ between, ownSessions, server, smallApp }, use) => {
    await smallApp.deploy({ worker: buildId() });
    const site = await startOwnSessions((own) => server.around(smallApp.around(between.around(own))), ownSessions);
    await use({ url: `http://127.0.0.1:${site.port}`, stop: site.stop, start: site.start });
    await site.close();
  },
});
