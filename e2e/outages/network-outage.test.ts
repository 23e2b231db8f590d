import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../../server/dev-provider/provider.js';
import type { FrontFault } from '../../server/testing/processes/front.js';
import { startRedis, type TestRedis } from '../../server/testing/processes/redis-server.js';
import { openShared, type SharedStore } from '../../server/testing/shared-store.js';
import { openSite, type Site, type Visitor } from './site.js';

/** In seconds. */
const IDLE = 600;
const OUTAGE = 750;
const STEP = 20;
/** With the Retry-After below a page comes back after 420 s at the latest. */
const RETURN = 440;
const USERS = 30;
/** In milliseconds. A request that hangs is given up soon. */
const SHORT_PATIENCE = 100;
const PATIENCE = 15_000;

const HTML = '<!doctype html><html lang="en"><title>Service unavailable</title></html>';

const OUTAGES: [name: string, FrontFault][] = [
  ['answers HTML with status 502', { status: 502, body: HTML }],
  ['answers HTML with status 503', { status: 503, body: HTML }],
  ['answers HTML with status 200', { status: 200, body: HTML }],
  ['answers HTML with status 401', { status: 401, body: HTML }],
  ['answers HTML with status 403', { status: 403, body: HTML }],
  ['answers HTML with status 404', { status: 404, body: HTML }],
  ['answers nothing, with status 200', { status: 200 }],
  ['answers nothing, with status 400', { status: 400 }],
  [
    'answers JSON with status 403',
    { status: 403, body: '{"message":"Forbidden"}', headers: { 'content-type': 'application/json' } },
  ],
  ['answers with status 429', { status: 429 }],
  ['answers with status 503 and Retry-After: 120', { status: 503, headers: { 'retry-after': '120' } }],
  ['answers with status 503 and Retry-After: 3600', { status: 503, headers: { 'retry-after': '3600' } }],
  ['cuts each connection', 'reset'],
  ['does not answer', 'hang'],
];

const folder = mkdtempSync(join(tmpdir(), 'stillhere-network-'));
let provider: TestProvider;
let redis: TestRedis;
beforeAll(async () => {
  [provider, redis] = await Promise.all([startProvider({ ttl: { accessToken: IDLE } }), startRedis()]);
}, 60_000);
afterAll(async () => {
  await provider?.close();
  await redis?.close();
  rmSync(folder, { recursive: true, force: true });
});

const STORES: [name: string, () => SharedStore][] = [
  ['SQLite', () => ({ file: join(folder, 'sessions.db') })],
  ['Redis', () => ({ url: redis.url, prefix: 'network:' })],
];

async function waitFor(milliseconds: number, visitors: readonly Visitor[]): Promise<void> {
  await Promise.all(visitors.map(({ page }) => page.hello(milliseconds)));
}

/** An outage with `fault` for users that type and one that leaves; `end` runs before it is over. */
async function passThrough(site: Site, fault: FrontFault, end: () => void = () => undefined): Promise<void> {
  const { visitors, live, front } = site;
  const leaving = await site.newVisitor();
  await live(120, STEP, [leaving]);
  front.fail(fault);
  await waitFor(SHORT_PATIENCE, [...visitors, leaving]);
  await live(OUTAGE, STEP, [leaving]);
  expect(visitors.filter(({ page }) => page.snapshot().failures === 0)).toEqual([]);
  end();
  front.fail(null);
  await waitFor(PATIENCE, visitors);
  await live(RETURN, STEP, [leaving]);
  for (const { page } of visitors) expect(page.snapshot()).toMatchObject({ status: 'active', failures: 0 });
  expect(await Promise.all(visitors.map(async ({ ask }) => (await ask()).status))).toEqual(Array(USERS).fill(200));
  // The absent user's session ends when the others have been heard again for a while.
  expect(await leaving.ask()).toMatchObject({ status: 401, body: { reason: 'idle_timeout' } });
}

describe.each(STORES)('thirty users who type, with sessions in %s,', (_store, where) => {
  let site: Site;
  beforeAll(async () => {
    const store = await openShared(where());
    // One outage follows the other: as if no session had an absolute limit.
    site = await openSite(provider, USERS, { store, idleTimeout: IDLE, absoluteTimeout: 1_000_000 });
  }, 60_000);
  afterAll(() => site?.close());

  it.each(OUTAGES)(
    'stay signed in for longer than the idle limit though a proxy %s',
    (_, fault) => passThrough(site, fault),
    120_000,
  );

  it(
    'stay signed in for longer than the idle limit though all servers are down, and another process takes over',
    () => passThrough(site, { status: 502 }, () => site.restart()),
    120_000,
  );

  it('are shown an end by a proxy that answers 401 without a page, and the session lives: a page that is loaded again goes on', async () => {
    const { live, front, pass } = site;
    const { page, ask } = await site.newVisitor();
    front.fail({ status: 401 });
    await page.look(true);
    await live(IDLE / 2, STEP);
    await page.look(true);
    expect(page.snapshot()).toMatchObject({ status: 'expired', reason: null });
    front.fail(null);
    expect((await ask()).status).toBe(200);
    pass(STEP);
    await page.hello(PATIENCE);
    expect(page.snapshot()).toMatchObject({ status: 'active' });
  });
});
