import { NEW_SESSION, type State } from './state.js';
import { NOTHING_WANTED } from './why.js';

/** A change of status or session: what left before it no longer counts. */
export const newEpoch = ({ epoch: { store, n } }: State): Pick<State, 'epoch' | 'ticket'> => ({
  epoch: { store, n: n + 1 },
  ticket: 0,
});

/**
 * Rule 5: the session is over. Where it was over already nothing changes but that nothing is wanted
 * any more; `user` stays, to tell whether the next one to sign in is somebody else.
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
