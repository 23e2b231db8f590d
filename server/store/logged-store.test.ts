import { expect, it } from 'vitest';
import { recordLog } from '../testing/log-recorder.js';
import { loggedStore } from './logged-store.js';
import { memoryStore } from './memory-store.js';
import type { SessionFacts } from './store.js';

const factsOf = (sessionId: string): SessionFacts => ({
  ...{ sessionId, user: 'u', createdAt: 1_000, absoluteEndAt: 9_000, grantedAt: 1_000 },
  ...{ accessExpiresAt: null, accessLife: null, refreshIdle: null, refreshEndAt: null, hasRefreshToken: true },
});

it('each grant and each end is one line of the log, and what changed nothing is none', async () => {
  const log = recordLog();
  const store = loggedStore(memoryStore(), log);
  for (const key of ['a', 'b', 'c']) {
    const session = { key, facts: factsOf(`session-${key}`), sealed: 'sealed', sidKey: `sid-${key}` };
    await store.create({ ...session, lastActiveAt: 1_000, purgeAt: 10_000 });
  }
  await store.commit('a', 1, { facts: factsOf('session-a'), sealed: 'sealed' });
  await store.commit('a', 1, { facts: factsOf('session-a'), sealed: 'sealed' });
  await store.end('a', 'idle_timeout');
  await store.end('a', 'revoked', { by: 'logout' });
  await store.end('b', 'revoked', { by: 'login' });
  await store.endAll({ user: 'u', createdUpTo: 2_000 }, 'revoked');
  await store.endAll({ user: 'u', createdUpTo: 2_000 }, 'revoked');
  expect(log.lines.map(({ level, facts }) => ({ level, ...facts }))).toEqual([
    { level: 'info', event: 'session.refresh', sessionId: 'session-a', user: 'u' },
    { level: 'info', event: 'session.end', sessionId: 'session-a', user: 'u', reason: 'idle_timeout' },
    { level: 'info', event: 'session.end', sessionId: 'session-b', user: 'u', reason: 'revoked', by: 'login' },
    { level: 'info', event: 'session.end', sessionId: 'session-c', user: 'u', reason: 'revoked', by: 'provider' },
  ]);
});
