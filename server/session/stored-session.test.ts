import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { createKeyRing, type KeyRing } from '../record/key-ring.js';
import type { SessionStore } from '../store/store.js';
import { refreshAtProvider } from '../testing/refresh-at-provider.js';
import { ASKING, HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

/**
 * What somebody could do who can write to the store: the record's own copy of the absolute limit is
 * in the clear.
 */
async function moveLimit(store: SessionStore, key: string): Promise<void> {
  const record = await store.read(key);
  const sealed = await store.readSealed(key);
  if (!record || !sealed) throw new Error('the session is gone');
  const facts = { ...record.facts, absoluteEndAt: record.facts.absoluteEndAt + 1_000_000 };
  await store.commit(key, 1, { facts, sealed });
}

describe('what the store holds', () => {
  it('is opened by no beat that needs no grant', async () => {
    const opened: string[] = [];
    const ring = createKeyRing([randomBytes(32).toString('base64url')]);
    const keys: KeyRing = {
      seal: ring.seal,
      open(context, sealed) {
        opened.push(context);
        return ring.open(context, sealed);
      },
    };
    const { service, open, pass } = serviceAt(provider, { keys });
    const { cookie } = await open();
    await service.beat(cookie, HERE);
    await service.peek(cookie);
    expect(opened).toEqual([]);
    pass(43);
    expect(await service.beat(cookie, HERE)).toMatchObject({ body: { refreshed: true } });
    expect(opened).toHaveLength(1);
  });

  it('moves with activity in small steps, and ends when it was announced', async () => {
    let clock = Date.now();
    const { service, open, options } = serviceAt(provider, { idleTimeout: 200, refreshAfter: 1000, now: () => clock });
    const { cookie } = await open();
    const storedAt = async () => (await options.store.read(storeKeyOf(cookie)))?.lastActiveAt;
    const openedAt = clock;
    clock += 400;
    await service.beat(cookie, HERE);
    expect(await storedAt()).toBe(openedAt);
    clock += 200;
    expect(await service.beat(cookie, HERE)).toMatchObject({ body: { idleExpiresIn: 201 } });
    expect(await storedAt()).toBe(clock);
    clock += 200_499;
    expect(await service.peek(cookie)).toMatchObject({ kind: 'alive', body: { idleExpiresIn: 1 } });
    clock += 1;
    expect(await service.peek(cookie)).toMatchObject({ kind: 'over', reason: 'idle_timeout' });
  });

  it('leaves a grant that another session may share, where nobody ended it but its own limit', async () => {
    const { service, open, pass } = serviceAt(provider, { idleTimeout: 100, refreshAfter: 500 });
    const { cookie, tokens } = await open();
    pass(101);
    expect(await service.beat(cookie, ASKING)).toMatchObject({ kind: 'over', reason: 'idle_timeout' });
    await service.close();
    expect(await refreshAtProvider(provider, tokens)).toHaveProperty('access_token');
  });

  it('cannot prolong a session beyond what was sealed', async () => {
    const { service, open, pass, options } = serviceAt(provider, { absoluteTimeout: 100, refreshAfter: 5 });
    const tampered = async () => {
      const { cookie } = await open();
      await moveLimit(options.store, storeKeyOf(cookie));
      return cookie;
    };
    const [beating, calling] = [await tampered(), await tampered()];
    pass(101);
    const before = provider.calls().refresh;
    expect(await service.beat(beating, HERE)).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
    expect(await service.access(calling)).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
    expect(provider.calls().refresh).toBe(before);
  });

  it('hands out no token beyond what was sealed, though none is due', async () => {
    const { service, open, pass, options } = serviceAt(provider, { absoluteTimeout: 20 });
    const { cookie } = await open();
    await moveLimit(options.store, storeKeyOf(cookie));
    expect(await service.access(cookie)).toMatchObject({ kind: 'access' });
    pass(21);
    expect(await service.access(cookie)).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
  });

  it('knows the cookie by its hash only, and swapped rows open nothing', async () => {
    const { service, open, pass, options } = serviceAt(provider);
    const [one, other] = [await open(), await open()];
    expect(await options.store.read(one.cookie)).toBeNull();
    const key = storeKeyOf(one.cookie);
    const [record, sealed] = [await options.store.read(key), await options.store.readSealed(storeKeyOf(other.cookie))];
    if (!record || !sealed) throw new Error('the session is gone');
    for (const secret of [one.cookie, one.tokens.accessToken, one.tokens.refreshToken, one.identity.subject])
      expect(JSON.stringify([record, sealed])).not.toContain(secret);
    await options.store.commit(key, 1, { facts: record.facts, sealed });
    expect(await service.access(one.cookie)).toMatchObject({ kind: 'over', reason: 'unreadable_cookie' });
    pass(43);
    expect(await service.beat(one.cookie, HERE)).toMatchObject({ kind: 'over', reason: 'unreadable_cookie' });
  });

  it('names a user alike in all their sessions, and nobody else so, here or at another provider', async () => {
    const { service, open } = serviceAt(provider);
    const [one, again, other] = [await open('ada'), await open('ada'), await open('grace')];
    expect(again.user).toBe(one.user);
    expect(again.sessionId).not.toBe(one.sessionId);
    expect(other.user).not.toBe(one.user);
    const { tokens, identity } = one;
    const elsewhere = await service.create({ tokens, identity: { ...identity, issuer: 'https://other.example' } });
    expect(elsewhere).toMatchObject({ ok: true });
    expect(elsewhere.ok && elsewhere.user).not.toBe(one.user);
    const { user } = await serviceAt(provider).open('ada');
    expect(user).not.toBe(one.user);
  });
});
