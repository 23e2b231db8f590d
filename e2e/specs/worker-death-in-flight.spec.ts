import type { ProviderControls } from '../demo/provider-controls.js';
import { expectNoPause } from '../support/machine.js';
import { GRANTS_APART_MS, gaps } from '../support/pace.js';
import type { ServedAsk, ServerLog } from '../support/server-log.js';
import { expect, expectKept, grantsOf, signIn, stopWorkers, test, typeUntil } from '../support/test.js';

// Beats are 2 s apart and grants 4.2 s, so that a stop can meet either.
test.use({ pace: { idleTimeoutSeconds: 30, refreshTokenIdleSeconds: 30, accessTokenTtlSeconds: 6 } });
/**
 * An interval, the page's patience of 3 s with a worker that does not answer, and as much as a busy
 * machine may add.
 */
const LONGEST_PAUSE_MS = 2_000 + 3_000 + 3_000;

const isConfirmed = ({ answer }: ServedAsk): boolean => answer?.status === 200;

/** The activity that a beat stands for, on the server's clock. */
const activityOf = ({ arrivedAt, idleMs }: ServedAsk): number => arrivedAt - idleMs;

/**
 * Where the refresh is when its worker is stopped. Each starts to hold it there, and returns
 * whether it is there and how it goes on.
 */
const moments: Record<string, (server: ServerLog, provider: ProviderControls) => { isThere(): boolean; goOn(): void }> =
  {
    'while its request is on the way': (server) => {
      const hold = server.hold('request');
      return { isThere: () => hold.isHolding(), goOn: hold.release };
    },
    'while the provider works on its grant': (_, provider) => {
      const asked = provider.tokenRequests.length;
      provider.setFault('held');
      return { isThere: () => provider.tokenRequests.length > asked, goOn: () => provider.setFault('none') };
    },
    'while its answer is on the way back': (server) => {
      const hold = server.hold('answer');
      return { isThere: () => hold.isHolding(), goOn: hold.release };
    },
  };
for (const [when, holdThere] of Object.entries(moments)) {
  test(`a worker stopped by force ${when} loses nothing: the beat is sent again, and no grant is made twice @chromium-only`, async ({
    page,
    demo,
    server,
    provider,
  }) => {
    await signIn(page, demo);
    const { isThere, goOn } = holdThere(server, provider);
    await typeUntil(page, isThere);
    await stopWorkers(page);
    const lost = server.beats.at(-1);
    const count = server.beats.length;
    goOn();
    await typeUntil(page, () => server.beats.slice(count).some(isConfirmed));
    const since = server.beats.slice(count);
    const tries = since.findIndex(isConfirmed) + 1;
    const again = since[tries - 1];
    // What the lost one was to report is reported.
    expect(again?.activity).toBe('user');
    expect(again && lost ? activityOf(again) - activityOf(lost) : Number.NaN).toBeGreaterThanOrEqual(-500);
    expectNoPause(
      LONGEST_PAUSE_MS,
      server.beats.filter(isConfirmed).map(({ arrivedAt }) => arrivedAt),
    );
    // No more than the burst that rule 8 allows, though nothing answered.
    expect(tries).toBeLessThanOrEqual(3);

    await typeUntil(page, () => grantsOf(provider).length >= 2);
    expect(Math.min(...gaps(grantsOf(provider)))).toBeGreaterThanOrEqual(GRANTS_APART_MS);
    // Both sign-ins and the grants: no token was tried a second time.
    await expect.poll(() => provider.tokenRequests.length - grantsOf(provider).length).toBe(2);
    await expectKept(page);
  });
}
