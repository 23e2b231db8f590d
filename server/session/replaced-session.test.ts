import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { createKeyRing } from '../record/key-ring.js';
import { refreshAtProvider } from '../testing/refresh-at-provider.js';
import { ASKING, HERE, serviceAt } from '../testing/service-bench.js';
import { openShared } from '../testing/shared-store.js';
import { useProvider } from '../testing/use-provider.js';
import { useStores } from '../testing/use-stores.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});
const places = useStores();

const LATER = { kind: 'later', status: 503, reason: 'session_replaced', retryAfter: 1 };

describe('the cookie of a session that a login in the same browser has replaced', () => {
  it.each([
    ['the same user', true],
    ['another user', false],
  ])('opens nothing, and is told to come back for five seconds (%s)', async (_, isSame) => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie, sessionId, user } = await open();
    await service.replace(cookie, isSame ? user : 'another-user');
    const handles = { sessionId, user };
    for (const ask of [HERE, ASKING]) expect(await service.beat(cookie, ask)).toEqual({ ...LATER, ...handles });
    expect(await service.peek(cookie)).toEqual({ ...LATER, ...handles });
    const over = { kind: 'over', reason: 'revoked', ...handles };
    expect(await service.access(cookie)).toEqual(over);
    pass(4);
    expect(await service.beat(cookie, HERE)).toMatchObject(LATER);
    pass(2);
    expect(await service.beat(cookie, HERE)).toEqual(over);
    expect(await service.peek(cookie)).toEqual(over);
    await service.close();
  });

  it('is told to come back if the login came while the session was refreshed', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie, user } = await open();
    pass(45);
    const before = provider.calls().refresh;
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    const beat = service.beat(cookie, HERE);
    await expect.poll(() => provider.calls().refresh).toBe(before + 1);
    await service.replace(cookie, user);
    letThrough();
    expect(await beat).toMatchObject(LATER);
    expect(await service.access(cookie)).toMatchObject({ kind: 'over', reason: 'revoked' });
    await service.close();
  });

  it('is told the end at once if the session had ended before, or reached its limit', async () => {
    const { service, open, pass } = serviceAt(provider);
    const [out, idle] = [await open(), await open()];
    await service.end(out.cookie, 'revoked');
    await service.replace(out.cookie, out.user);
    expect(await service.beat(out.cookie, HERE)).toMatchObject({ kind: 'over', reason: 'revoked' });
    pass(3_600);
    await service.replace(idle.cookie, idle.user);
    expect(await service.beat(idle.cookie, HERE)).toMatchObject({ kind: 'over', reason: 'idle_timeout' });
    await service.close();
  });

  it("leaves the same user's new session its refresh token, also if it is not known yet whether it has ended", async () => {
    const { service, open, pass } = serviceAt(provider);
    const [old, fresh] = [await open('ada'), await open('ada')];
    await service.beat(old.cookie, HERE);
    pass(7_200);
    expect(await service.peek(old.cookie)).toMatchObject({ kind: 'later', reason: 'activity_unknown' });
    await service.replace(old.cookie, fresh.user);
    await service.close();
    expect(await refreshAtProvider(provider, old.tokens)).not.toHaveProperty('error');
  });

  it.each([
    ['a file', places.inFile],
    ['a Redis', places.inRedis],
  ])('is told the same by another process that shares %s', async (_, place) => {
    const keys = createKeyRing([randomBytes(32).toString('base64url')]);
    const where = place();
    const benchOf = async () => serviceAt(provider, { store: await openShared(where), keys });
    const [one, other] = [await benchOf(), await benchOf()];
    const { cookie, user } = await one.open();
    await one.service.replace(cookie, user);
    expect(await other.service.beat(cookie, HERE)).toMatchObject(LATER);
    expect(await other.service.access(cookie)).toMatchObject({ kind: 'over', reason: 'revoked' });
    other.pass(6);
    expect(await other.service.beat(cookie, HERE)).toMatchObject({ kind: 'over', reason: 'revoked' });
    for (const { service } of [one, other]) await service.close();
  });
});
