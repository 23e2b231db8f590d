import { longestWait } from './backoff.js';
import { endsAt } from './schedule.js';
import type { State } from './state.js';

/**
 * Shortens the wait when the network is back. Many browsers hear of that in the same second, so a
 * long wait does not end at once. If the rest of it is longer than the longest wait of the step
 * before, it is drawn again at random within that step, which spreads the browsers evenly. The wait
 * ends at once if the engine knows nothing yet, or if the announced end has passed.
 */
export function hurry(state: State, at: number, random: number): State['notBefore'] {
  const { notBefore } = state;
  const most = state.status === 'active' && at < endsAt(state) ? longestWait(state, state.failures - 2, at) : 0;
  const waited = at - notBefore.at;
  if (notBefore.span <= waited + most) return notBefore;
  return { ...notBefore, span: Math.max(notBefore.order, waited + random * most) };
}
