import type { EndReason } from '../../server/contract.js';
import type { EngineEvent } from '../protocol.js';
import type { State } from './state.js';

const NOTHING_LEFT = {
  wanted: null,
  notBefore: null,
  failures: 0,
  dueAt: null,
  accessTokenExpiresAt: null,
  idleExpiresAt: null,
  absoluteExpiresAt: null,
} satisfies Partial<State>;

/**
 * Rule 5: the session is over. Where it was over already nothing changes but that nothing is wanted any more; `user` stays, to tell
 * whether the next one to sign in is somebody else.
 */
export function endSession(
  state: State,
  at: number,
  status: 'expired' | 'signed-out',
  reason: EndReason | null,
  ended: string | null,
): { state: State; events: EngineEvent[] } {
  const endedSessionId = ended ?? state.sessionId ?? state.endedSessionId;
  const rest = { ...state, ...NOTHING_LEFT, endedSessionId };
  const over =
    state.status === 'signed-out' || (state.status === 'expired' && (status === 'expired' || reason !== null));
  if (over) return { state: rest, events: [] };
  const epoch = { ...state.epoch, n: state.epoch.n + 1 };
  return {
    state: { ...rest, status, reason, epoch, sessionId: null },
    events: [{ type: 'end', at, status, reason }],
  };
}
