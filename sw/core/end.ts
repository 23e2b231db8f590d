import { NEW_SESSION, type State } from './state.js';
import { NOTHING_WANTED } from './why.js';

/**
 * Begins a new epoch, at a change of status or session. Requests that left before no longer count.
 */
export const newEpoch = ({ epoch: { store, n } }: State): Pick<State, 'epoch' | 'ticket'> => ({
  epoch: { store, n: n + 1 },
  ticket: 0,
});

/**
 * Ends the session (rule 5). If it was over already, only the open asks are dropped. `user` stays,
 * to tell if the next user who signs in is another one.
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
    ...(!isOver && { status, reason, sessionId: null, ...newEpoch(state) }),
  };
}
