import { endsAt } from './schedule.js';
import type { State } from './state.js';

/**
 * The network is back. All browsers behind it hear that in the same second, so a long wait is not over: what is longer than half a step is
 * drawn anew within that half, which spreads them evenly. It is over where somebody looks at a page of which nothing is known or whose end
 * has passed, and shorter where the end is near.
 */
export function hurry(state: State, at: number, random: number): State['notBefore'] {
  const { notBefore, settings, failures, status } = state;
  const left = status === 'active' ? endsAt(state) - at : 0;
  const half = Math.max(0, Math.min(settings.interval, settings.minInterval * 2 ** (failures - 1), left) / 2);
  const waited = at - notBefore.at;
  if (notBefore.span <= waited + half) return notBefore;
  return { ...notBefore, span: Math.max(notBefore.order, waited + random * half) };
}
