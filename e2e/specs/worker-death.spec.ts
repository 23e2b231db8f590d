import { expectNoPause } from '../support/machine.js';
import { expectOneBeatPerInterval } from '../support/pace.js';
import { events } from '../support/page-log.js';
import type { ServedAsk, ServerLog } from '../support/server-log.js';
import { expect, expectStatus, signIn, stopWorkers, test, typeFor, typeUntil } from '../support/test.js';

const confirmed = (server: ServerLog): ServedAsk[] => server.beats.filter(({ answer }) => answer?.status === 200);

const PACE = { idleTimeoutSeconds: 30, refreshTokenIdleSeconds: 30, accessTokenTtlSeconds: 6 };
/**
 * An interval, the page's patience of 3 s with a worker that does not answer, and as much as a busy
 * machine may add.
 */
const LONGEST_PAUSE_MS = 2_000 + 3_000 + 3_000;

test.describe('a worker stopped by force', () => {
  test.use({ pace: PACE });

  test('before a refresh loses nothing: the ping starts its successor @chromium-only', async ({
    page,
    demo,
    server,
  }) => {
    await signIn(page, demo);
    await typeUntil(page, () => confirmed(server).length >= 2);
    await stopWorkers(page);
    const workers = (await events(page, 'worker')).length;
    const beats = server.beats.length;
    await typeUntil(page, () => server.beats.length > beats && confirmed(server).length === server.beats.length);
    await expect.poll(async () => (await events(page, 'worker')).length).toBe(workers + 1);
    expect(server.beats.at(-1)?.activity).toBe('user');
    // Neither early nor twice: the deadline outlived the worker that had set it.
    await expectOneBeatPerInterval(page, server, demo.settings);
    expectNoPause(
      LONGEST_PAUSE_MS,
      server.beats.map(({ arrivedAt }) => arrivedAt),
    );
    expect(await events(page, 'end')).toEqual([]);
  });

  test('right after a refresh loses nothing: its successor keeps the deadline @chromium-only', async ({
    page,
    demo,
    server,
  }) => {
    await signIn(page, demo);
    const answers = (await events(page, 'answer')).length;
    await typeUntil(page, async () => (await events(page, 'answer')).length > answers);
    await stopWorkers(page);
    const workers = (await events(page, 'worker')).length;
    const beats = server.beats.length;
    await typeUntil(page, () => confirmed(server).length >= beats + 2);
    await expect.poll(async () => (await events(page, 'worker')).length).toBe(workers + 1);
    await expectOneBeatPerInterval(page, server, demo.settings);
    expectNoPause(
      LONGEST_PAUSE_MS,
      server.beats.map(({ arrivedAt }) => arrivedAt),
    );
    expect(await events(page, 'end')).toEqual([]);
  });

  test('again and again loses nothing @chromium-only', async ({ page, demo, server }) => {
    await signIn(page, demo);
    for (let i = 0; i < 4; i += 1) {
      await typeFor(page, 1.5);
      await stopWorkers(page);
    }
    await typeFor(page, 2);
    await expectStatus(page, 'active');
    expect(confirmed(server).length).toBeGreaterThanOrEqual(3);
    expect(await events(page, 'end')).toEqual([]);
  });
});

test.describe('a worker that died a natural death', () => {
  test.use({ pace: PACE });

  // The browser's preference lets a worker die 2 s after its last event.
  test('wakes for the next beat, each time as another one @firefox-only', async ({ page, demo, server }) => {
    await signIn(page, demo);
    const quietFor = async () => Date.now() - ((await events(page, 'ping')).at(-1)?.at ?? Date.now());
    for (let i = 0; i < 3; i += 1) {
      await expect.poll(quietFor).toBeGreaterThan(4_000);
      const workers = (await events(page, 'worker')).length;
      const beats = server.beats.length;
      await typeUntil(page, () => server.beats.length > beats && confirmed(server).length === server.beats.length);
      await expect.poll(async () => (await events(page, 'worker')).length).toBeGreaterThan(workers);
      const instances = (await events(page, 'worker')).map(({ instance }) => instance);
      expect(new Set(instances).size).toBe(instances.length);
    }
    await expectStatus(page, 'active');
    await expectOneBeatPerInterval(page, server, demo.settings);
    expect(await events(page, 'end')).toEqual([]);
  });
});
