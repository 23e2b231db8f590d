import type { Page } from '@playwright/test';
import { KEPT_CLIENT } from '../demo/provider-controls.js';
import { expectNoPause } from '../support/machine.js';
import { test as base } from '../support/natural-browser.js';
import { GRANTS_APART_MS, gaps } from '../support/pace.js';
import { pauseWorkerAt, type Step, servePausingWorker } from '../support/pausing-worker.js';
import type { ServedAsk } from '../support/server-log.js';
import { events, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, grantsOf, openTab, signIn, stopWorkers, typeUntil } from '../support/test.js';

const test = base.extend({
  around: async ({ smallApp }, use) => use((site) => smallApp.around(servePausingWorker(site))),
});
// Beats are 2 s apart and grants 4.2 s.
test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 6 } });

/**
 * An interval, the page's patience of 3 s with a worker that does not answer, and as much as a busy
 * machine may add.
 */
const LONGEST_PAUSE_MS = 2_000 + 3_000 + 10_000;

const isConfirmed = ({ answer }: ServedAsk): boolean => answer?.status === 200;

interface Pause {
  isThere(): Promise<boolean>;
  goOn(): Promise<void>;
}

const pauseAt = async (page: Page, step: Step): Promise<Pause> => ({
  isThere: await pauseWorkerAt(page, step),
  goOn: async () => undefined,
});

/** A page that has the lock of the origin: a refresh waits for its turn. */
async function takeLock(page: Page): Promise<Pause> {
  await page.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        void navigator.locks.request(name, () => {
          resolve();
          return new Promise<void>((release) => addEventListener('release', () => release(), { once: true }));
        });
      }),
    'stillhere:/auth/heartbeat',
  );
  return {
    isThere: () => page.evaluate(async () => ((await navigator.locks.query()).pending ?? []).length > 0),
    goOn: () => page.evaluate(() => void dispatchEvent(new Event('release'))),
  };
}

/**
 * Where the worker is stopped, the earliest first, and whether the server has answered its beat by
 * then.
 */
const moments: [string, boolean, (page: Page) => Promise<Pause>][] = [
  ['it waits for the lock', false, takeLock],
  ['its attempt is saved and its request has not left', false, (page) => pauseAt(page, 'attempt-saved')],
  ['it has read the answer and saved nothing of it', true, (page) => pauseAt(page, 'answer-read')],
  ['the answer is saved and nobody was told', true, (page) => pauseAt(page, 'beat-saved')],
];

test('a worker stopped by force at each step of a refresh loses nothing, and no grant is made twice @chromium-only', async ({
  page,
  demo,
  server,
  provider,
}) => {
  await signIn(page, demo, 'Ada', '/small/');
  await typeUntil(page, () => server.beats.some(isConfirmed));
  for (const [when, isAnswered, hold] of moments)
    await test.step(`when ${when}`, async () => {
      const before = server.beats.length;
      const { isThere, goOn } = await hold(page);
      await typeUntil(page, isThere);
      expect(server.beats.slice(before).map(isConfirmed)).toEqual(isAnswered ? [true] : []);
      await stopWorkers(page);
      const lost = server.beats.length;
      await goOn();
      await typeUntil(page, () => server.beats.slice(lost).some(isConfirmed));
      const since = server.beats.slice(lost);
      expect(since.find(isConfirmed)?.activity).toBe('user');
      // No more than the burst that rule 8 allows.
      expect(since.findIndex(isConfirmed) + 1).toBeLessThanOrEqual(3);
    });
  expectNoPause(
    LONGEST_PAUSE_MS,
    server.beats.filter(isConfirmed).map(({ arrivedAt }) => arrivedAt),
  );
  expect(Math.min(...gaps(grantsOf(provider)))).toBeGreaterThanOrEqual(GRANTS_APART_MS);
  // The sign-in and the grants: no token was tried a second time.
  await expect.poll(() => provider.tokenRequests.length - grantsOf(provider).length).toBe(1);
  const instances = (await events(page, 'worker')).map(({ instance }) => instance);
  expect(new Set(instances).size).toBe(1 + moments.length);
  expect(await events(page, 'end')).toEqual([]);
  await expectStatus(page, 'active');
});

for (const [when, step] of [
  ['before it told anybody of the end that it had saved', 'end-saved'],
  ['after it had told of the end and before it noted so', 'end-told'],
] as const) {
  test(`a worker stopped by force ${when}: every tab learns it, and once @chromium-only`, async ({
    page,
    context,
    demo,
    provider,
  }) => {
    await signIn(page, demo, 'Ada', '/small/');
    const other = await openTab(context, demo, '/small/');
    await page.bringToFront();
    const isThere = await pauseWorkerAt(page, step);
    provider.revoke(KEPT_CLIENT);
    await typeUntil(page, isThere);
    expect(await told(other, 'onExpired')).toHaveLength(step === 'end-told' ? 1 : 0);
    const workers = (await events(other, 'worker')).length;
    await stopWorkers(page);
    await typeUntil(page, async () => (await told(page, 'onExpired')).length > 0);
    // Whatever is asked next, the successor empties the outbox first.
    expect(await page.evaluate(() => window.smallApp.keepalive.check())).toBe('ended');
    await expect.poll(async () => (await events(other, 'worker')).length).toBe(workers + 1);
    for (const tab of [page, other]) {
      await expectStatus(tab, 'expired');
      expect(await told(tab, 'onExpired')).toHaveLength(1);
      expect(await events(tab, 'end')).toHaveLength(1);
    }
  });
}
