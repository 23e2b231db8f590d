import type { AliveFacts } from '../../server/contract.js';
import type { State } from './state.js';

/** Returns the shorter of two durations. Each may be unknown. */
const least = (one: number | null | undefined, other: number | null | undefined): number =>
  Math.min(one ?? Infinity, other ?? Infinity);

/** Returns how long until the next beat, counted from when the request was sent (rule 2). */
export function beatSpan({ settings }: State, facts: AliveFacts, random: number): number {
  const seconds = facts.nextBeatIn ?? least(facts.accessTokenExpiresIn, facts.idleExpiresIn) * 0.7;
  return Math.max(settings.minInterval, Math.min(settings.interval, seconds * 1_000) * (1 - random / 10));
}

/** Returns when the next beat is due. */
export const dueAt = ({ due: { at, span } }: State): number => at + span;

/** Tells if the user was active within `activeWindow` (rule 1). */
export const isPresent = ({ lastActivityAt, settings }: State, at: number): boolean =>
  at - lastActivityAt <= settings.activeWindow;

/**
 * Pages say how long ago the user was active. Activity looks newer by the time that the message
 * takes, which is at most these milliseconds.
 */
export const MESSAGE_WAY_MS = 1_000;

/**
 * Tells if there is activity that no confirmed beat has reported. The same activity is never
 * reported twice.
 */
export const isUnreported = ({ lastActivityAt, reportedActivityAt }: State): boolean =>
  lastActivityAt > reportedActivityAt + MESSAGE_WAY_MS;

/**
 * Returns the instant at which the session ends without further activity, as the server last said.
 * A server that says "alive" counts as leaving at least a second, however it rounds. Otherwise a
 * check at the end would never learn of the end.
 */
export const endsAt = ({ facts, factsAt }: State): number =>
  factsAt + Math.max(1, least(facts.idleExpiresIn, facts.absoluteExpiresIn)) * 1_000;
