import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { type Crowd, type CrowdUser, signInCrowd } from '../testing/crowd.js';
import { startRedis, type TestRedis } from '../testing/processes/redis-server.js';
import { openShared, type SharedStore } from '../testing/shared-store.js';
import { useProvider } from '../testing/use-provider.js';

const USERS = 30;
/** An access token lives for 60 s, and is due after 42. */
const DUE = 42;
/** The longest that a page waits for, against what the server orders. */
const PAGE_PATIENCE = 1.5;
/** In seconds. */
const TWO_MINUTES = 120;
const STEP = 1;

const folder = mkdtempSync(join(tmpdir(), 'stillhere-ends-'));
let redis: TestRedis;
let provider: TestProvider;
useProvider((started) => {
  provider = started;
});
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The provider takes back the token of one session (RFC 7009). */
async function revoke({ refreshToken }: CrowdUser): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from('app:secret').toString('base64')}` };
  const body = new URLSearchParams({ token: refreshToken });
  const response = await fetch(`${provider.issuer}/token/revocation`, { method: 'POST', headers, body });
  expect(response.status).toBe(200);
}

/** The provider refuses the token of one session as some do: by a page, without an OAuth error. */
async function refuseBlankly({ refreshToken }: CrowdUser): Promise<void> {
  const refused = { status: 400, body: '<!doctype html><title>Bad Request</title>' };
  provider.fault((token) => (token === refreshToken ? refused : 'pass'));
}

/** All pages beat as they are told. Resolves to the seconds from the first refusal to the end. */
async function timeUntilOver({ users, pass }: Crowd, [ended]: readonly CrowdUser[]) {
  // Each first beat brings a grant, and the grants stay as far apart as those of users who have
  // signed in one after the other.
  const dueAt = new Map(users.map((user, n) => [user, DUE + (n * DUE) / USERS]));
  let refusedAt = Number.POSITIVE_INFINITY;
  for (let at = 0; at < 2 * TWO_MINUTES; at += STEP) {
    pass(STEP);
    for (const user of users.filter((one) => (dueAt.get(one) ?? 0) <= at)) {
      const { status, retryAfter, body } = await user.beat();
      if (user !== ended) expect({ status, at }).toMatchObject({ status: 200 });
      else if (status !== 200) refusedAt = Math.min(refusedAt, at);
      if (status === 401) return { seconds: at - refusedAt, reason: body.reason };
      dueAt.set(user, at + (retryAfter === null ? (body.nextBeatIn ?? DUE) : retryAfter * PAGE_PATIENCE));
    }
  }
  return null;
}

describe.each<[string, () => SharedStore]>([
  ['SQLite', () => ({ file: join(folder, 'sessions.db') })],
  ['Redis', () => ({ url: redis.url, prefix: 'ends:' })],
])('of thirty sessions in %s', (_store, newStore) => {
  it.each([
    ['takes back', revoke],
    ['refuses without an OAuth error', refuseBlankly],
  ] as const)('the one whose token the provider %s is over within two minutes, and the others live', async (_, end) => {
    const crowd = await signInCrowd(provider, USERS, { store: await openShared(newStore()) });
    const [ended, ...others] = crowd.users;
    if (!ended) throw new Error('There is no user.');
    await end(ended);
    const over = await timeUntilOver(crowd, crowd.users);
    expect(over).toMatchObject({ reason: 'refresh_rejected' });
    expect(over?.seconds).toBeLessThanOrEqual(TWO_MINUTES);
    crowd.pass(DUE);
    const answers = await Promise.all(others.map((user) => user.beat()));
    expect(answers.map(({ status, body }) => [status, body.refreshed])).toEqual(Array(USERS - 1).fill([200, true]));
    expect(await ended.ask()).toMatchObject({ status: 401, body: { reason: 'refresh_rejected' } });
    await crowd.service.close();
  });
});
