import { describe, expect, it } from 'vitest';
import { type Due, dueSession, oauth } from '../testing/due-session.js';
import type { TestProvider, TokenFault } from '../testing/provider.js';
import { discoverTestIssuer } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';
import { storeKeyOf } from './handles.js';
import { memoryStore } from './memory-store.js';
import { NO_NOTES } from './store.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

const due = (...how: Due) => dueSession(provider, ...how);

describe('a refusal without an OAuth error', () => {
  it('ends the session after three in a row over a minute, while the provider otherwise answers', async () => {
    const { beat, pass } = await due({ status: 400 });
    for (let n = 0; n < 3; n += 1) expect(await beat()).toMatchObject({ kind: 'later', reason: 'provider_error' });
    pass(61);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });
});

describe('a refusal without an OAuth error that does not end the session', () => {
  const refused: TokenFault = { status: 400 };
  const later = { kind: 'later', reason: 'provider_error' };

  it('is a third one within the minute', async () => {
    const { beat, pass, calls } = await due(refused);
    for (let n = 0; n < 2; n += 1) expect(await beat()).toMatchObject(later);
    pass(58);
    expect(await beat()).toMatchObject(later);
    expect(calls()).toBe(3);
  });

  it('is a second one after the minute', async () => {
    const { beat, pass } = await due(refused);
    expect(await beat()).toMatchObject(later);
    pass(61);
    expect(await beat()).toMatchObject(later);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });

  it('is one after another kind of answer: the row begins anew', async () => {
    const { beat, pass } = await due(refused);
    for (let n = 0; n < 2; n += 1) expect(await beat()).toMatchObject(later);
    provider.fault(oauth('something_new'));
    pass(61);
    expect(await beat()).toMatchObject(later);
    provider.fault(refused);
    expect(await beat()).toMatchObject(later);
  });

  it('is one of a provider that answers nobody: a proxy may be in its place', async () => {
    let away = false;
    const issuer = async () => {
      const known = await discoverTestIssuer(provider.issuer);
      // Its token endpoint is answered for, its metadata is not.
      return away ? { ...known, server: { ...known.server, issuer: 'http://127.0.0.1:9' } } : known;
    };
    const { beat, pass } = await due(refused, undefined, { issuer });
    away = true;
    for (let n = 0; n < 3; n += 1) expect(await beat()).toMatchObject(later);
    pass(61);
    expect(await beat()).toMatchObject(later);
    away = false;
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });
});

describe('invalid_grant', () => {
  it.each(['drop-after', 'truncated', { statusAfter: 500 }] satisfies TokenFault[])(
    'after %j is rotation_lost: the rotated token never arrived',
    async (fault) => {
      const { beat } = await due(fault, 1);
      expect(await beat()).toMatchObject({ kind: 'over', reason: 'rotation_lost' });
    },
  );

  it('is not judged while another holder who may have won is young, and then is', async () => {
    const store = memoryStore();
    const { beat, cookie, pass, calls, options } = await due(oauth('invalid_grant'), undefined, { store });
    const at = (options.now ?? Date.now)();
    const marker = { generation: 1, attempt: 1, holder: 'elsewhere.1.1.x', at };
    await store.note(storeKeyOf(cookie), 1, { ...NO_NOTES, attempt: 1, marker });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(calls()).toBe(1);
    pass(31);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'rotation_lost' });
    expect(calls()).toBe(2);
  });

  it('is not judged either where a try of our own came between: its marker does not hide that of the other', async () => {
    const store = memoryStore();
    const { beat, cookie, pass, calls, options } = await due({ status: 500 }, 1, { store });
    const at = (options.now ?? Date.now)();
    const marker = { generation: 1, attempt: 1, holder: 'elsewhere.1.1.x', at };
    await store.note(storeKeyOf(cookie), 1, { ...NO_NOTES, attempt: 1, marker });
    provider.revoke();
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(calls()).toBe(2);
    pass(31);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'rotation_lost' });
  });

  it('of a generation that moved meanwhile is 200: a sibling won', async () => {
    const store = memoryStore();
    let letThrough = () => {};
    const hold = new Promise<void>((resolve) => (letThrough = resolve));
    const { beat, cookie, calls } = await due({ hold }, undefined, { store });
    const answer = beat();
    await expect.poll(calls).toBe(1);
    const key = storeKeyOf(cookie);
    const record = await store.read(key);
    const sealed = await store.readSealed(key);
    if (!record || !sealed) throw new Error('the session is gone');
    await store.commit(key, 1, { facts: { ...record.facts, grantedAt: record.facts.grantedAt + 43_000 }, sealed });
    provider.revoke();
    letThrough();
    expect(await answer).toMatchObject({ kind: 'alive' });
  });
});
