import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { refreshAtProvider } from '../testing/refresh-at-provider.js';
import { HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';
import type { ProviderLogout } from './session-service.js';

/** A logout token of its own. */
const tokenOf = (said: Partial<ProviderLogout> & { issuer: string }): ProviderLogout => ({
  providerSessionId: null,
  subject: null,
  issuedAt: Date.now(),
  tokenId: randomUUID(),
  expiresAt: Date.now() + 60_000,
  ...said,
});

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

describe('the end of a session', () => {
  it('is durable, revokes the refresh token and hands out the ID token for logout', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie, sessionId, user, tokens } = await open();
    expect(await service.end(cookie, 'revoked')).toEqual({ idToken: tokens.idToken, sessionId, user });
    expect(await service.end(cookie, 'revoked')).toBeNull();
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'over', reason: 'revoked', sessionId });
    pass(1);
    await service.close();
    expect(await refreshAtProvider(provider, tokens)).toMatchObject({ error: 'invalid_grant' });
  });

  it('comes from the provider for a session of its own, and for logins that were under way', async () => {
    const { service, open } = serviceAt(provider);
    const first = await open();
    const second = await open();
    const { issuer, subject } = first.identity;
    const login = { identity: { ...first.identity, providerSessionId: 'sid-1' }, tokens: first.tokens };
    const third = await service.create(login);
    const bySid = { issuer, subject: null, providerSessionId: 'sid-1', issuedAt: Date.now() };
    expect(await service.endByProvider(tokenOf(bySid))).toBe(1);
    expect(await service.beat(third.ok ? third.cookie : '', HERE)).toMatchObject({ reason: 'revoked' });
    expect(await service.create(login)).toEqual({ ok: false, reason: 'revoked' });
    expect(await service.endByProvider(tokenOf({ issuer, subject }))).toBe(1);
    expect(await service.beat(first.cookie, HERE)).toMatchObject({ reason: 'revoked' });
    expect(await service.beat(second.cookie, HERE)).toMatchObject({ kind: 'alive' });
    expect(await service.create({ identity: first.identity, tokens: first.tokens })).toMatchObject({ ok: false });
  });

  it('comes from a provider only for its own sessions, whatever names another provider uses too', async () => {
    const { service, open } = serviceAt(provider);
    const { identity, tokens } = await open();
    const other = 'https://other.example';
    const named = { ...identity, providerSessionId: 'sid-of-both' };
    const created = await service.create({ identity: named, tokens });
    const cookie = created.ok ? created.cookie : '';
    const { subject, issuer } = identity;
    const tokenId = randomUUID();
    for (const by of [{ providerSessionId: 'sid-of-both' }, { subject }])
      expect(await service.endByProvider(tokenOf({ issuer: other, ...by }))).toBe(0);
    expect(await service.endByProvider(tokenOf({ issuer: other, subject, tokenId }))).toBe(0);
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive' });
    // The other provider has used this id, which says nothing about a token of this one.
    expect(await service.endByProvider(tokenOf({ issuer, subject, tokenId }))).toBe(2);
    expect(await service.endByProvider(tokenOf({ issuer, subject, tokenId }))).toBeNull();
  });

  it('comes from the provider only for sessions from before it, and stores none that it had ended already', async () => {
    const { service, open, options } = serviceAt(provider);
    const { cookie, identity, tokens } = await open();
    const { issuer, subject } = identity;
    const earlier = { issuer, subject, providerSessionId: null, issuedAt: Date.now() - 40_000 };
    expect(await service.endByProvider(tokenOf(earlier))).toBe(0);
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive' });
    expect(await service.create({ identity, tokens })).toMatchObject({ ok: true });
    await service.endByProvider(tokenOf({ ...earlier, issuedAt: Date.now() + 1_000 }));
    let created = 0;
    const { create } = options.store;
    options.store.create = async (input) => {
      created += 1;
      return create(input);
    };
    expect(await service.create({ identity, tokens })).toEqual({ ok: false, reason: 'revoked' });
    expect(created).toBe(0);
  });

  it('comes from a provider whose clock is behind ours', async () => {
    const { service, open, pass } = serviceAt(provider);
    pass(20);
    const { cookie, identity } = await open();
    const { issuer, subject } = identity;
    expect(await service.endByProvider(tokenOf({ issuer, subject }))).toBe(1);
    expect(await service.beat(cookie, HERE)).toMatchObject({ reason: 'revoked' });
  });

  it('that comes from the provider while a login is being stored reaches it', async () => {
    const { service, open, options } = serviceAt(provider);
    const { identity, tokens } = await open();
    const { issuer, subject } = identity;
    const { create } = options.store;
    let key = '';
    options.store.create = async (input) => {
      key = input.key;
      await service.endByProvider(tokenOf({ issuer, subject, issuedAt: Date.now() + 1_000 }));
      return create(input);
    };
    expect(await service.create({ identity, tokens })).toEqual({ ok: false, reason: 'revoked' });
    expect(await options.store.read(key)).toMatchObject({ ended: 'revoked' });
  });

  it('is the one that was stored first, whatever came to mind meanwhile', async () => {
    const { service, open, pass, options } = serviceAt(provider, { idleTimeout: 60 });
    const { cookie } = await open();
    pass(70);
    const { end } = options.store;
    options.store.end = async (key, reason, how) => {
      await end(key, 'revoked');
      return end(key, reason, how);
    };
    expect(await service.peek(cookie)).toMatchObject({ kind: 'over', reason: 'revoked' });
  });

  it('by logout while a grant is under way wins over the grant, whose new token is revoked', async () => {
    const { service, open, pass, options } = serviceAt(provider);
    const { cookie } = await open();
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    const before = provider.calls().refresh;
    pass(43);
    const beat = service.beat(cookie, HERE);
    await expect.poll(() => provider.calls().refresh).toBe(before + 1);
    await service.end(cookie, 'revoked');
    letThrough();
    expect(await beat).toMatchObject({ kind: 'over', reason: 'revoked' });
    // By this the grant knows, in whatever process it runs.
    expect(await options.store.read(storeKeyOf(cookie))).toMatchObject({ ended: 'revoked', revokes: true });
  });
});
