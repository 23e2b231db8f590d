import type { AliveFacts } from '../../server/contract.js';
import type { State } from './state.js';

/** The least of two durations, of which any may be unknown. */
const least = (one: number | null | undefined, other: number | null | undefined): number =>
  Math.min(one ?? Infinity, other ?? Infinity);

/** Rule 2: how long until the next beat, counted from when the request was sent. */
export function beatSpan({ settings }: State, facts: AliveFacts, random: number): number {
  const seconds = facts.nextBeatIn ?? least(facts.accessTokenExpiresIn, facts.idleExpiresIn) * 0.7;
  return Math.max(settings.minInterval, Math.min(settings.interval, seconds * 1_000) * (1 - random / 10));
}

/** When the next beat is due. */
export const dueAt = ({ due: { at, span } }: State): number => at + span;

/** Whether the user was there lately (rule 1). */
export const isPresent = ({ lastActivityAt, settings }: State, at: number): boolean =>
  at - lastActivityAt <= settings.activeWindow;

/**
 * Pages say how long ago the user was active: the time that a message takes makes activity look
 * newer by so much.
 */
export const MESSAGE_WAY_MS = 1_000;

/**
 * Whether there is activity that no confirmed beat has reported. The same activity is never
 * reported twice.
 */
export const isUnreported = ({ lastActivityAt, reportedActivityAt }: State): boolean =>
  lastActivityAt > reportedActivityAt + MESSAGE_WAY_MS;

/**
 * The instant at which the session ends if nobody acts, as the server last said. A server that says
 * "alive" leaves at least a second, whatever its rounding: otherwise a check at the end would never
 * learn the end.
 */
export const endsAt = ({ facts, factsAt }: State): number =>
  factsAt + Math.max(1, least(facts.idleExpiresIn, facts.absoluteExpiresIn)) * 1_000;
