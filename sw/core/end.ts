import type { Epoch } from '../protocol.js';
import { NEW_SESSION, type State } from './state.js';
import { NOTHING_WANTED } from './wanted.js';

export const nextEpoch = ({ store, n }: Epoch): Epoch => ({ store, n: n + 1 });

/**
 * Rule 5: the session is over. Where it was over already nothing changes but that nothing is wanted any more; `user` stays, to tell
 * whether the next one to sign in is somebody else.
 */
export function endSession(
  state: State,
  status: 'expired' | 'signed-out',
  reason: string | null,
  ended?: string | null,
): State {
  const isOver = state.status === 'signed-out' || (state.status === 'expired' && (status === 'expired' || reason));
  return {
    ...state,
    ...NEW_SESSION,
    wanted: NOTHING_WANTED,
    endedSessionId: ended ?? state.sessionId ?? state.endedSessionId,
    ...(!isOver && { status, reason, sessionId: null, ticket: 0, epoch: nextEpoch(state.epoch) }),
  };
}
