import type { EngineSnapshot } from '../../sw/protocol.js';

/** An active session's state, for tests. */
export const engineSnapshot = (change: Partial<EngineSnapshot> = {}): EngineSnapshot => ({
  status: 'active',
  reason: null,
  epoch: { store: 'a', n: 1 },
  sessionId: 'S1',
  user: 'U1',
  endedSessionId: null,
  refutedSeen: null,
  wakeAt: 1_000_000,
  wanted: { why: null, at: 0, tried: true },
  reportedActivityAt: 0,
  lastBeatAt: 500_000,
  failures: 0,
  answered: { at: 500_000, outcome: 'alive', code: 'ok' },
  facts: {},
  factsAt: 500_000,
  shared: true,
  ...change,
});
