import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProvider, type TestProvider } from '../../server/dev-provider/provider.js';
import {
  type Breakable,
  fullRedis,
  hangingRedis,
  killedRedis,
  lockedFile,
  type MakeBreakable,
  readOnlyRedis,
} from '../../server/testing/breakable-store.js';
import { openSite, type Site } from './site.js';

/** In seconds. */
const IDLE = 900;
const OUTAGE = 1_080;
const STEP = 90;
/** A page comes back after 306 s at the latest. */
const RETURN = 4 * STEP;
const USERS = 30;
/** In seconds: a store that hangs is given up soon. The sign-in of all may take longer. */
const STORE_TIMEOUT = 1;
const PATIENT = { storeTimeout: 30 };
const BACK = 'the session store answers again';

let provider: TestProvider;
beforeAll(async () => {
  provider = await startProvider({ ttl: { accessToken: IDLE } });
});
afterAll(async () => {
  await provider?.close();
});

const OUTAGES: [name: string, MakeBreakable][] = [
  ['a Redis that hangs', hangingRedis],
  ['a Redis that is killed and started again', killedRedis],
  ['a Redis that is a replica and refuses writes', readOnlyRedis],
  ['a Redis whose memory is full', fullRedis],
  ['a SQLite file that another process keeps locked', lockedFile],
];

/** Runs a test with a store that can fail, and users of its own. */
async function withSite(make: MakeBreakable, work: (site: Site, broken: Breakable) => Promise<void>) {
  const broken = await make(STORE_TIMEOUT * 900);
  try {
    const site = await openSite(provider, USERS, { store: broken.store, idleTimeout: IDLE, ...PATIENT });
    await work(site, broken).finally(() => site.close());
  } finally {
    await broken.cleanUp();
  }
}

describe('thirty users who type', () => {
  it.concurrent.each(OUTAGES)(
    'stay signed in through %s for longer than the idle limit',
    async (_, make) =>
      withSite(make, async ({ visitors, live, log, restart, newVisitor }, { breakDown, mend }) => {
        const leaving = await newVisitor();
        restart({ storeTimeout: STORE_TIMEOUT });
        const countBack = () => log.lines.filter(({ message }) => message === BACK).length;
        await live(STEP, STEP, [leaving]);
        await breakDown();
        await live(OUTAGE, STEP, [leaving]);
        expect(visitors.filter(({ page }) => page.snapshot().failures === 0)).toEqual([]);
        expect(visitors.map(({ page }) => page.snapshot().answered.code)).toContain('store_unavailable');
        const before = countBack();
        await mend();
        await vi.waitFor(() => expect(countBack()).toBe(before + 1), { timeout: 60_000 });
        await live(RETURN, STEP, [leaving]);
        for (const { page } of visitors) expect(page.snapshot()).toMatchObject({ status: 'active', failures: 0 });
        expect(await Promise.all(visitors.map(async ({ ask }) => (await ask()).status))).toEqual(
          Array(USERS).fill(200),
        );
        // The idle time of an absent user stands still in the outage. Then it goes on, to its end.
        expect((await leaving.ask()).status).toBe(200);
        await live(IDLE - RETURN, STEP, [leaving]);
        expect(await leaving.ask()).toMatchObject({ status: 401, body: { reason: 'idle_timeout' } });
      }),
    120_000,
  );
});
