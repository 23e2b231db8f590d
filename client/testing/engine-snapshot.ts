import type { EngineSnapshot } from '../../sw/protocol.js';

/** An active session's state, for tests. */
export const engineSnapshot = (change: Partial<EngineSnapshot> = {}): EngineSnapshot => ({
  status: 'active',
  reason: null,
  epoch: { store: 'a', n: 1 },
  sessionId: 'S1',
  user: 'U1',
  endedSessionId: null,
  wakeAt: 1_000_000,
  wanted: false,
  reportedActivityAt: null,
  lastBeatAt: 500_000,
  accessTokenExpiresAt: null,
  idleExpiresAt: null,
  absoluteExpiresAt: null,
  idleTimeout: null,
  shared: true,
  ...change,
});
