import type { SessionFacts } from '../store/store.js';

/** Of a session that began when the clock showed a second. */
export const facts: SessionFacts = {
  sessionId: 's',
  user: 'u',
  createdAt: 1_000,
  absoluteEndAt: 9_000,
  grantedAt: 1_000,
  accessExpiresAt: 5_000,
  accessLife: 4_000,
  refreshIdle: null,
  refreshEndAt: null,
  hasRefreshToken: true,
};

/** A new session under a key, as a store takes it. */
export const storedSession = (key: string, more: Partial<SessionFacts> = {}) => ({
  ...{ key, facts: { ...facts, ...more }, lastActiveAt: 1_000, sidKey: `sid-${key}` },
  ...{ sealed: `sealed-${key}`, purgeAt: 10_000 },
});
