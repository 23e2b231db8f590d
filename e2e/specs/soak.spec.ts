import type { Page } from 'puppeteer-core';
import { quantile, randomFrom } from '../../bench/support/statistics.mjs';
import { BURST } from '../../sw/core/bucket.js';
import type { Around } from '../demo/demo.js';
import { test as base, expect, open, pressKey, signIn, typeUntil } from '../support/natural-browser.js';
import { fullestBucket, intervalsOf } from '../support/soak/judge.js';
import { killWorkers } from '../support/soak/kill-workers.js';
import { ownHeap, type PageMemory, slope, watchMemory } from '../support/soak/memory.js';
import { soakSite } from '../support/soak/soak-site.js';
import { makeUnreliable } from '../support/soak/unreliable-provider.js';

/** The short form; `npm run bench -- soak` plays fifteen minutes. */
const MINUTES = Number(process.env.SOAK_MINUTES ?? 0.6);
const SEED = Number(process.env.SOAK_SEED ?? 1);
const TABS = 10;
const FAILING_SHARE = 0.1;
const KILL_EVERY_MS = 2_500;

/** All that sets the pace is divided by this: a quarter of an hour is a working day. The server's floor of 5 s between two grants stays. */
const SCALE = 30;
const PACE = {
  interval: 300_000 / SCALE,
  activeWindow: 120_000 / SCALE,
  minInterval: 5_000 / SCALE,
  activityResolution: 5_000 / SCALE,
  warnBefore: 60_000 / SCALE,
};
/** The client's spread, less what an instant may lose on its way to the provider. */
const LEAST_INTERVAL_MS = 0.9 * PACE.interval - 500;
/** A page asks a worker that does not answer twice, for 3 s each; the rest is a busy machine's. */
const MOST_INTERVAL_MS = PACE.interval + 2 * 3_000 + 2_000;
/** What one failure may cost: half more than the provider's Retry-After of 5 s. */
const FAILURE_MS = 8_000;

const test = base.extend<{ around: Around }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  around: async ({}, use) => use(await soakSite()),
});
test.use({
  pace: {
    rateLimit: 1_000_000,
    refreshAfterSeconds: 60 / SCALE,
    idleTimeoutSeconds: 1_800 / SCALE,
    refreshTokenIdleSeconds: 1_800 / SCALE,
    accessTokenTtlSeconds: 3_600 / SCALE,
    beatIntervalSeconds: PACE.interval / 1_000,
  },
});

const snapshotOf = (page: Page) => page.evaluate(() => window.soak.keepalive.snapshot());
const kB = (bytes: number): string => (bytes / 1_024).toFixed(0);

test('ten tabs, a worker killed every few seconds, a provider that fails one time in ten: one grant in each interval, no session lost, memory flat @chromium-only', async ({
  demo,
  natural,
  provider,
  server,
}) => {
  test.setTimeout(MINUTES * 60_000 + 120_000);
  // One for each, so that neither what is killed nor where the user goes changes which requests fail.
  const [user, killer, failure] = [randomFrom(SEED), randomFrom(SEED + 1), randomFrom(SEED + 2)];
  const path = `/soak/?pace=${encodeURIComponent(JSON.stringify(PACE))}`;
  // In windows of their own: of the tabs of one window, all but one are hidden.
  const tabs: Page[] = [];
  for (let i = 0; i < TABS; i += 1) tabs.push(await natural.newPage({ type: 'window' }));
  const [first, ...others] = tabs;
  if (!first) throw new Error('no tab');
  await signIn(first, demo, 'Ada', path);
  for (const tab of others) await open(tab, demo, path);
  // What is loaded with the first key is there before anything is measured.
  for (const tab of tabs) await pressKey(tab);
  const { sessionId } = await snapshotOf(first);
  const measures = await Promise.all(tabs.map(watchMemory));

  const asked = makeUnreliable(provider, FAILING_SHARE, failure);
  const attemptsBefore = server.beats.length + server.checks.length;
  const kills = await killWorkers(first, KILL_EVERY_MS, killer, () => server.beats.some(({ answer }) => !answer));
  const samples: { minute: number; pages: PageMemory[]; own: number }[] = [];
  const started = Date.now();
  const minute = (): number => (Date.now() - started) / 60_000;
  async function sample(): Promise<void> {
    const pages: PageMemory[] = [];
    for (const measure of measures) pages.push(await measure());
    samples.push({ minute: minute(), pages, own: ownHeap() });
  }

  // The user turns from tab to tab. What is loaded once is loaded after the first interval.
  let nextSample = PACE.interval / 60_000;
  while (minute() < MINUTES) {
    const tab = tabs[Math.floor(user() * TABS)] ?? first;
    const until = Math.min(minute() + (4 + 8 * user()) / 60, MINUTES);
    await typeUntil(tab, () => minute() >= until);
    if (minute() < nextSample) continue;
    await sample();
    nextSample = minute() + Math.min(1, MINUTES / 4);
  }
  await kills.stop();
  const ended = Date.now();
  // All tabs learn what the last beat told.
  const beats = server.beats.length;
  await typeUntil(first, () => server.beats.slice(beats).some(({ answer }) => answer?.status === 200), 60);
  await expect
    .poll(async () => new Set((await Promise.all(tabs.map(snapshotOf))).map(({ lastBeatAt }) => lastBeatAt)).size)
    .toBe(1);
  await sample();

  const intervals = intervalsOf(asked);
  const lengths = intervals.map(({ ms }) => ms);
  const attempts = [...server.beats, ...server.checks].map(({ arrivedAt }) => arrivedAt).sort((a, b) => a - b);
  const sent = attempts.slice(attemptsBefore);
  const counts: Record<string, number> = {};
  for (const tab of tabs) {
    for (const [what, n] of Object.entries(await tab.evaluate(() => window.soak.counts))) {
      counts[what] = (counts[what] ?? 0) + n;
    }
  }
  const snapshots = await Promise.all(tabs.map(snapshotOf));
  const failed = asked.filter((request) => request.failed).length;
  const bucket = fullestBucket(sent, BURST, PACE.minInterval);
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  const answers: Record<number, number> = {};
  for (const { answer } of server.beats) answers[answer?.status ?? 0] = (answers[answer?.status ?? 0] ?? 0) + 1;

  console.log(`soak: ${minute().toFixed(1)} min, 1:${SCALE}, ${TABS} visible tabs, seed ${SEED}
soak: ${kills.ordered} orders to stop the worker, ${kills.met} met one that ran, ${kills.inFlight} of them while a beat was on its way
soak: ${sent.length} attempts arrived, answered ${JSON.stringify(answers)}; at most ${(100 * bucket).toFixed(0)} % of what rule 8 allows
soak: ${asked.length} requests for tokens, ${failed} made to fail; an interval is ${seconds(PACE.interval)} s, ${intervals.length} of them from one refresh to the next: ${seconds(Math.min(...lengths))} to ${seconds(Math.max(...lengths))} s, median ${seconds(quantile(lengths, 0.5))}
soak: what ten pages were told: ${JSON.stringify(counts)}`);
  for (const { minute: at, pages, own } of samples) {
    const heaps = pages.map(({ heap }) => heap);
    console.log(
      `soak: at ${at.toFixed(1)} min: heap of a page ${kB(Math.min(...heaps))} to ${kB(Math.max(...heaps))} kB, median ${kB(quantile(heaps, 0.5))}; nodes ${Math.max(...pages.map(({ nodes }) => nodes))}, listeners ${Math.max(...pages.map(({ listeners }) => listeners))}; server and driver ${kB(own)} kB`,
    );
  }
  const slopes = tabs.map((_, i) => slope(samples.map(({ minute: at, pages }) => [at, pages[i]?.heap ?? Number.NaN])));
  console.log(
    `soak: slope of a page's heap ${slopes.map((bytes) => (bytes / 1_024).toFixed(2)).join(', ')} kB a minute; of server and driver ${(slope(samples.map(({ minute: at, own }) => [at, own])) / 1_024).toFixed(1)}`,
  );

  expect(snapshots.map(({ status }) => status)).toEqual(tabs.map(() => 'active'));
  expect(new Set(snapshots.map((snapshot) => snapshot.sessionId))).toEqual(new Set([sessionId]));
  expect(intervals.length).toBeGreaterThanOrEqual(Math.floor((ended - started) / MOST_INTERVAL_MS) - 1);
  expect(intervals.filter(({ ms }) => ms < LEAST_INTERVAL_MS)).toEqual([]);
  expect(intervals.filter(({ ms, failures }) => ms > MOST_INTERVAL_MS + FAILURE_MS * failures)).toEqual([]);
  expect(bucket).toBeLessThanOrEqual(1);
});
