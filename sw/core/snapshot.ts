import type { EngineSnapshot } from '../protocol.js';
import { wakeAt } from './schedule.js';
import type { State } from './state.js';

/** What pages may know of the state. */
export function snapshotOf(state: State, shared: boolean): EngineSnapshot {
  return {
    status: state.status,
    reason: state.reason,
    epoch: state.epoch,
    sessionId: state.sessionId,
    user: state.user,
    endedSessionId: state.endedSessionId,
    wakeAt: wakeAt(state),
    wanted: state.wanted !== null && !state.wanted.tried,
    reportedActivityAt: state.reportedActivityAt,
    lastBeatAt: state.lastBeatAt,
    accessTokenExpiresAt: state.accessTokenExpiresAt,
    idleExpiresAt: state.idleExpiresAt,
    absoluteExpiresAt: state.absoluteExpiresAt,
    idleTimeout: state.idleTimeout,
    shared,
  };
}
