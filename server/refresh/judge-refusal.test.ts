import { describe, expect, it } from 'vitest';
import type { TestProvider, TokenFault } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { memoryStore } from '../store/memory-store.js';
import { NO_NOTES } from '../store/store.js';
import { type Due, dueSession, oauth } from '../testing/due-session.js';
import { HERE } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

const due = (...how: Due) => dueSession(provider, ...how);

const later = { kind: 'later', reason: 'provider_error' };
const REFUSED: TokenFault = { status: 400 };

/**
 * A session whose refreshes the provider refuses, and another one that is asked for between them.
 */
async function refusedBeside(more: TokenFault = 'pass') {
  const bench = await due('pass');
  const other = await bench.open();
  const { beat } = bench;
  return {
    ...bench,
    async beat(fault: TokenFault = REFUSED) {
      provider.fault(fault);
      return beat();
    },
    /** Some time passes, and the other session's token is due and asked for. */
    async other(seconds: number, fault: TokenFault = more) {
      bench.pass(seconds);
      provider.fault(fault);
      return bench.service.beat(other.cookie, HERE);
    },
  };
}

describe('a refusal without an OAuth error', () => {
  it.each([
    ['', 'status 400'],
    ['<!doctype html><title>Bad Request</title>', 'status 400'],
    ['{"error":{"code":400}}', 'status 400'],
    ['{"error":"access_denied"}', 'status 400 access_denied'],
  ])(
    'ends the session after three in a row over a minute, if another session is granted between them (%j)',
    async (body, detail) => {
      const { beat, other, log } = await refusedBeside();
      const refused = { status: 400, body };
      expect(await beat(refused)).toMatchObject(later);
      expect(log.lines.filter(({ message }) => message.includes('without an OAuth error'))).toMatchObject([
        { level: 'warn', facts: { detail } },
      ]);
      for (let n = 0; n < 2; n += 1) {
        expect(await other(43)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
        expect(await beat(refused)).toMatchObject(n === 0 ? later : { kind: 'over', reason: 'refresh_rejected' });
      }
    },
  );

  it('ends it too if another session is refused with an OAuth error: the provider itself has answered', async () => {
    const { beat, other } = await refusedBeside();
    expect(await beat()).toMatchObject(later);
    expect(await other(43)).toMatchObject({ kind: 'alive' });
    expect(await beat()).toMatchObject(later);
    expect(await other(43, oauth('invalid_grant'))).toMatchObject({ kind: 'over' });
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'refresh_rejected' });
  });
});

describe('a refusal without an OAuth error that does not end the session', () => {
  it.each<TokenFault>([{ status: 400 }, { status: 401 }, oauth('access_denied')])(
    'is one that all sessions get (%j), however often: a proxy answers',
    async (refused) => {
      const { beat, other } = await refusedBeside(refused);
      for (let n = 0; n < 30; n += 1) {
        expect(await beat(refused)).toMatchObject(later);
        expect(await other(43)).toMatchObject(later);
      }
      expect(await beat('pass')).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    },
  );

  it('is one after such a time, though the provider answers others first when it is back', async () => {
    const { beat, other } = await refusedBeside();
    for (let n = 0; n < 5; n += 1) {
      expect(await beat()).toMatchObject(later);
      await other(43, REFUSED);
    }
    expect(await other(1)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(await beat()).toMatchObject(later);
  });

  it('is one of a session that is alone', async () => {
    const { beat, pass } = await due(REFUSED);
    for (let n = 0; n < 10; n += 1) {
      expect(await beat()).toMatchObject(later);
      pass(43);
    }
  });

  it('is a third one within the minute', async () => {
    const { beat, other } = await refusedBeside();
    expect(await beat()).toMatchObject(later);
    expect(await other(43)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect(await beat()).toMatchObject(later);
    expect(await other(5)).toMatchObject({ kind: 'alive' });
    expect(await beat()).toMatchObject(later);
  });

  it('is one after another kind of answer: the row begins again', async () => {
    const { beat, other } = await refusedBeside();
    for (let n = 0; n < 2; n += 1) {
      expect(await beat()).toMatchObject(later);
      await other(43);
    }
    expect(await beat(oauth('something_new'))).toMatchObject(later);
    await other(43);
    expect(await beat()).toMatchObject(later);
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

  it('is not judged for half a minute, and no longer, if the clock was set back by hours since', async () => {
    const store = memoryStore();
    const { beat, cookie, pass, options } = await due(oauth('invalid_grant'), undefined, { store });
    const at = (options.now ?? Date.now)() + 7_200_000;
    const marker = { generation: 1, attempt: 1, holder: 'elsewhere.1.1.x', at };
    const undecidedUntil = at + 30_000;
    await store.note(storeKeyOf(cookie), 1, { ...NO_NOTES, attempt: 1, marker, undecidedUntil });
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    pass(31);
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'rotation_lost' });
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
