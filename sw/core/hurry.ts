import { longestWait } from './backoff.js';
import { endsAt } from './schedule.js';
import type { State } from './state.js';

/**
 * The network is back. All browsers behind it hear that in the same second, so a long wait is not
 * over: what is left of it is drawn again within the longest wait before this one, if it is longer,
 * which spreads the browsers evenly. The wait is over for a page of which nothing is known or whose
 * end has passed.
 */
export function hurry(state: State, at: number, random: number): State['notBefore'] {
  const { notBefore } = state;
  const most = state.status === 'active' && at < endsAt(state) ? longestWait(state, state.failures - 2, at) : 0;
  const waited = at - notBefore.at;
  if (notBefore.span <= waited + most) return notBefore;
  return { ...notBefore, span: Math.max(notBefore.order, waited + random * most) };
}
