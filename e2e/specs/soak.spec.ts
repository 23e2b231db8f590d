import type { Page } from 'puppeteer-core';
import { quantile, randomFrom } from '../../bench/support/statistics.mjs';
import { BURST } from '../../sw/core/bucket.js';
import type { Around } from '../demo/demo.js';
import { grantsOf } from '../support/beats.js';
import { test as base, expect, open, pressKey, signIn, typeUntil } from '../support/natural-browser.js';
import { fullestBucket, intervalsOf } from '../support/soak/judge.js';
import { killWorkers } from '../support/soak/kill-workers.js';
import { describeSample, growth, type MemorySample, slope, watchMemory } from '../support/soak/memory.js';
import { soakSite } from '../support/soak/soak-site.js';
import { makeUnreliable } from '../support/soak/unreliable-provider.js';

/** The short form; `npm run bench -- soak` plays fifteen minutes. */
const MINUTES = Number(process.env.SOAK_MINUTES ?? 0.6);
/** One whose second refresh fails: in the short form, too. */
const SEED = Number(process.env.SOAK_SEED ?? 42);
const TABS = 10;
const FAILING_SHARE = 0.1;
const KILL_EVERY_MS = 2_500;

/**
 * All that sets the pace is divided by this: a quarter of an hour is a working day. The server's
 * floor of 5 s between two grants stays.
 */
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
/** What a page may have grown by in the second half: in the first, what runs often is compiled. */
const MOST_GROWTH = 1.05;
/**
 * What nobody must be told of, as the pages count it. A worker that was stopped twice before it
 * could say a word has a successor in the page.
 */
const UNWANTED = /^(error: (?!worker-silent)|end|onExpired|onSignedOut|onUserChanged|onConceal|storage)/;

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

function tally(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

test('ten tabs, a worker killed every few seconds, a provider that fails one time in ten: one grant in each interval, no session lost, memory flat @chromium-only', async ({
  demo,
  natural,
  provider,
  server,
}) => {
  test.setTimeout(MINUTES * 60_000 + 120_000);
  // One for each, so that neither what is killed nor where the user goes changes which requests
  // fail.
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
  const memory = await watchMemory(tabs);

  const grantsBefore = grantsOf(provider).length;
  const asked = makeUnreliable(provider, FAILING_SHARE, failure);
  const attemptsBefore = server.beats.length + server.checks.length;
  const kills = await killWorkers(first, KILL_EVERY_MS, killer, () => server.beats.some(({ answer }) => !answer));
  const samples: MemorySample[] = [];
  const started = Date.now();
  const minute = (): number => (Date.now() - started) / 60_000;
  const sample = async () => samples.push(await memory(minute()));

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
  const lost = (await Promise.all(tabs.map(snapshotOf))).filter(({ status }) => status !== 'active');
  expect(lost).toEqual([]);
  // All tabs learn what the last beat told.
  const beats = server.beats.length;
  await typeUntil(first, () => server.beats.slice(beats).some(({ answer }) => answer?.status === 200), 60);
  await expect
    .poll(async () => new Set((await Promise.all(tabs.map(snapshotOf))).map(({ lastBeatAt }) => lastBeatAt)).size)
    .toBe(1);
  // Every request that was let pass was granted: no token was tried a second time.
  const granted = () => grantsOf(provider).length - grantsBefore;
  await expect.poll(granted).toBe(asked.filter(({ failed }) => !failed).length);
  await sample();

  const intervals = intervalsOf(asked);
  const lengths = intervals.map(({ ms }) => ms);
  const attempts = [...server.beats, ...server.checks].map(({ arrivedAt }) => arrivedAt).sort((a, b) => a - b);
  const sent = attempts.slice(attemptsBefore);
  const answers = tally(server.beats.map(({ answer }) => answer?.status ?? 0));
  const bucket = fullestBucket(sent, BURST, PACE.minInterval);
  const snapshots = await Promise.all(tabs.map(snapshotOf));
  const told: Record<string, number> = {};
  for (const tab of tabs) {
    for (const [what, n] of Object.entries(await tab.evaluate(() => window.soak.counts)))
      told[what] = (told[what] ?? 0) + n;
  }
  const unwanted = Object.keys(told).filter((what) => UNWANTED.test(what));
  const settled = samples.slice(Math.floor(samples.length / 2));

  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  console.log(`soak: ${minute().toFixed(1)} min at 1:${SCALE}, ${TABS} visible tabs (${JSON.stringify(tally(snapshots.map(({ host }) => host)))}), seed ${SEED}
soak: ${kills.ordered} orders to stop the worker; ${kills.met} met one that ran, ${kills.inFlight} while a beat was on its way
soak: ${sent.length} attempts, answered ${JSON.stringify(answers)}; the fullest window had ${(100 * bucket).toFixed(0)} % of what rule 8 allows
soak: ${asked.length} requests for tokens, ${asked.filter(({ failed }) => failed).length} made to fail, ${granted()} grants; ${intervals.length} intervals of one grant each, of ${seconds(PACE.interval)} s: ${seconds(Math.min(...lengths))} to ${seconds(Math.max(...lengths))} s, median ${seconds(quantile(lengths, 0.5))}; without a failure at most ${seconds(Math.max(...intervals.map(({ ms, failures }) => (failures ? 0 : ms))))}
soak: sessions lost: ${snapshots.filter(({ status }) => status !== 'active').length}; told to the pages: ${JSON.stringify(told)}
${samples.map(describeSample).join('\n')}
soak: growth of a page after the middle ${growth(settled, 'page').toFixed(3)}, ${(slope(settled, 'page') / 1_024).toFixed(1)} kB a minute; of server, provider and driver ${growth(settled, 'own').toFixed(3)}, ${(slope(settled, 'own') / 1_024).toFixed(0)} kB a minute`);

  expect(tally(snapshots.map((snapshot) => `${snapshot.status} ${snapshot.sessionId}`))).toEqual({
    [`active ${sessionId}`]: TABS,
  });
  expect(unwanted).toEqual([]);
  expect(Object.keys(answers).filter((status) => status !== '200' && status !== '503')).toEqual([]);
  expect(kills.met).toBeGreaterThan(0);
  expect(asked.some(({ failed }) => failed)).toBe(true);
  // From the first refresh to the last there is one in each interval: none is left out, and none
  // comes twice.
  expect(intervals.length).toBeGreaterThanOrEqual(Math.floor((ended - started) / MOST_INTERVAL_MS) - 1);
  expect(intervals.filter(({ ms }) => ms < LEAST_INTERVAL_MS)).toEqual([]);
  expect(intervals.filter(({ ms, failures }) => ms > MOST_INTERVAL_MS + FAILURE_MS * failures)).toEqual([]);
  expect(ended - (asked.at(-1)?.at ?? Number.NaN)).toBeLessThan(MOST_INTERVAL_MS + FAILURE_MS);
  expect(bucket).toBeLessThanOrEqual(1);
  expect(growth(settled, 'page')).toBeLessThan(MOST_GROWTH);
  expect(growth(settled, 'own')).toBeLessThan(MOST_GROWTH);
});
