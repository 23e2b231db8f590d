import type { AliveFacts } from '../../server/contract.js';
import { heldBack } from './backoff.js';
import { bucketFreeAt } from './bucket.js';
import type { State } from './state.js';

/** Rule 2: how long until the next beat, counted from when the request was sent. */
export function beatSpan({ settings }: State, facts: AliveFacts, random: number): number {
  const least = Math.min(facts.accessTokenExpiresIn ?? Infinity, facts.idleExpiresIn ?? Infinity);
  const asked = (facts.nextBeatIn ?? least * 0.7) * 1_000;
  const span = Math.min(settings.interval, asked) * (1 - random * 0.1);
  return Math.max(settings.minInterval, span);
}

/** The instant before which there is nothing to do; `null` while no activity can cause a beat. */
export function wakeAt(state: State): number | null {
  const { wanted, status } = state;
  if (!wanted && status !== 'active') return null;
  const start = wanted ? wanted.at : (state.dueAt ?? 0);
  return Math.max(start, bucketFreeAt(state), heldBack(state, wanted?.why === 'extend')?.until ?? 0);
}

/** Whether the user was there lately (rule 1). */
export function isPresent({ lastActivityAt, settings }: State, at: number): boolean {
  return lastActivityAt !== null && at - lastActivityAt <= settings.activeWindow;
}

/** Whether there is activity that no confirmed beat has reported: nobody's absence is reported twice. */
export function isUnreported({ lastActivityAt, reportedActivityAt }: State): boolean {
  return lastActivityAt !== null && lastActivityAt > (reportedActivityAt ?? -1);
}

/** The instant at which the session ends if nobody acts, as the server last said. */
export function endsAt({ idleExpiresAt, absoluteExpiresAt }: State): number | null {
  const end = Math.min(idleExpiresAt ?? Infinity, absoluteExpiresAt ?? Infinity);
  return end === Infinity ? null : end;
}
