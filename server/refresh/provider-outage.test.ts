import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startProvider, type TestProvider, type TokenFault } from '../dev-provider/provider.js';
import { type Crowd, signInCrowd } from '../testing/crowd.js';
import { startRedis, type TestRedis } from '../testing/processes/redis-server.js';
import { openShared, type SharedStore } from '../testing/shared-store.js';

/** In seconds. */
const IDLE = 600;
/** All steps together are longer than the idle limit. A page beats in every third of them. */
const STEPS = 9;
const STEP = 75;
const BEATS_EVERY = 3;
const STAYING = 30;
/** The clock goes on from outage to outage: as if no session had an absolute limit. */
const LIMITS = { idleTimeout: IDLE, absoluteTimeout: 1_000_000, waitTimeout: 0.5, storeTimeout: 30 };

const HTML = '<!doctype html><html lang="en"><title>Service unavailable</title></html>';
const html = (status: number): TokenFault => ({ status, body: HTML, headers: { 'content-type': 'text/html' } });
const json = (status: number, body: object): TokenFault => ({ status, body: JSON.stringify(body) });

interface Outage {
  begin(provider: TestProvider, crowd: Crowd): unknown;
  end(provider: TestProvider): unknown;
}

const tokens = (fault: TokenFault): Outage => ({
  begin: (provider) => provider.fault(fault),
  end: (provider) => provider.fault('pass'),
});

/** The metadata fail too, and the process that asks for them has never seen any. */
const everything = (fault: TokenFault): Outage => ({
  begin(provider, crowd) {
    provider.faultEverywhere(fault);
    crowd.restart();
  },
  end: (provider) => provider.faultEverywhere('pass'),
});

const OUTAGES: [name: string, Outage][] = [
  ['HTML with status 200', tokens(html(200))],
  ['HTML with status 400', tokens(html(400))],
  ['HTML with status 401', tokens(html(401))],
  ['HTML with status 403', tokens(html(403))],
  ['nothing, with status 200', tokens({ status: 200 })],
  ['nothing, with status 400', tokens({ status: 400 })],
  ['JSON that is no OAuth error', tokens(json(400, { error: { code: 400, message: 'Bad Request' } }))],
  ['the access_denied of a gateway', tokens(json(400, { error: 'access_denied' }))],
  ['the access_denied of a firewall', tokens(json(403, { error: 'access_denied' }))],
  ['invalid_client', tokens(json(401, { error: 'invalid_client' }))],
  ['status 404', tokens(html(404))],
  ['status 429', tokens({ status: 429 })],
  ['status 500', tokens({ status: 500 })],
  ['status 503', tokens({ status: 503, headers: { 'retry-after': '20' } })],
  ['20 MB', tokens({ bytes: 20_000_000 })],
  ['HTML with status 200 instead of its metadata too', everything(html(200))],
  ['HTML with status 403 instead of its metadata too', everything(html(403))],
  [
    'no answer at all',
    {
      begin: (provider) => provider.fault('hang'),
      async end(provider) {
        provider.fault('pass');
        // Requests that hang are cut, as if the process had ended.
        await provider.stop();
        await provider.start();
      },
    },
  ],
  ['no connection', { begin: (provider) => provider.stop(), end: (provider) => provider.start() }],
];

const folder = mkdtempSync(join(tmpdir(), 'stillhere-outage-'));
let redis: TestRedis;
let stores = 0;
beforeAll(async () => {
  redis = await startRedis('--appendfsync', 'everysec');
});
afterAll(async () => {
  await Promise.all(places.map(({ crowd }) => crowd.service.close()));
  await Promise.all(places.map(({ provider }) => provider.close()));
  await redis?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Users and their provider. They meet one outage after the other, since sign-ins take long. */
interface Place {
  provider: TestProvider;
  crowd: Crowd;
}
const places: Place[] = [];

async function newPlace(where: SharedStore): Promise<Place> {
  const provider = await startProvider({ ttl: { accessToken: 60 } });
  const store = await openShared(where);
  const place = { provider, crowd: await signInCrowd(provider, STAYING, { store, ...LIMITS }) };
  places.push(place);
  // The metadata are known once a grant was made. A busy machine may need several beats for it.
  const granted = provider.grants();
  place.crowd.pass(STEP);
  await untilGranted({ ...place.crowd, users: place.crowd.users.slice(0, 1) });
  expect(provider.grants()).toBe(granted + 1);
  return place;
}

const STORES: [name: string, () => SharedStore][] = [
  ['SQLite', () => ({ file: join(folder, `${stores++}.db`) })],
  ['Redis', () => ({ url: redis.url, prefix: `${stores++}:` })],
];

/** A page that is told to come back later does. Resolves when each session has had a grant. */
async function untilGranted({ pass, users }: Crowd): Promise<void> {
  let left = [...users];
  await vi.waitFor(
    async () => {
      pass(10);
      const answers = await Promise.all(left.map((user) => user.beat()));
      expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
      left = left.filter((_, n) => answers[n]?.status === 503);
      expect(left).toEqual([]);
    },
    { timeout: 60_000 },
  );
}

describe.each(STORES)('thirty sessions in %s', (_store, newStore) => {
  const free: Place[] = [];

  it.concurrent.each(OUTAGES)(
    'outlive a provider that answers %s for longer than the idle limit',
    async (_, outage) => {
      const place = free.pop() ?? (await newPlace(newStore()));
      const { provider, crowd } = place;
      const { users, pass } = crowd;
      const leaving = await crowd.signIn();
      await outage.begin(provider, crowd);
      const granted = provider.grants();
      for (let step = 0; step < STEPS; step += 1) {
        pass(STEP);
        const beating = users.filter((_, n) => n % BEATS_EVERY === step % BEATS_EVERY);
        for (const { status, body } of await Promise.all(beating.map((user) => user.beat()))) {
          expect(status).toBe(503);
          // The activity counts, whatever becomes of the grant.
          expect(body.idleExpiresIn).toBeCloseTo(IDLE, -2);
        }
        if (step === 1) expect((await leaving.ask()).status).toBe(200);
      }
      expect(provider.grants()).toBe(granted);
      await outage.end(provider);
      await untilGranted(crowd);
      expect(provider.grants()).toBeGreaterThanOrEqual(granted + STAYING);
      // The session of an absent user ends at its idle limit, whatever the provider does.
      expect(await leaving.beat()).toMatchObject({ status: 401, body: { reason: 'idle_timeout' } });
      free.push(place);
    },
    120_000,
  );
});
