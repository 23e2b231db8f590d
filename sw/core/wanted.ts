import type { State } from './state.js';
import { NOTHING_WANTED, type Wanted, WHYS, type Why } from './why.js';

const outranks = (why: Why, other: Why): boolean => WHYS.indexOf(why) > WHYS.indexOf(other);

/**
 * Returns the stronger one of the open ask and a new one. A request that leaves after both answers
 * them.
 */
export const want = (before: Why | null, why: Why, at: number): Wanted => ({
  why: before && outranks(before, why) ? before : why,
  at,
  tried: false,
});

/** Returns the ask that is still open after the answer to a request that left at `sentAt`. */
export function stillWanted({ wanted, status }: State, sentAt: number, isAnswered: boolean): Wanted {
  const { why, at } = wanted;
  // An ask that came after the request left stays open, with two exceptions. Any answer settles a
  // check of the known end. One answer about the session settles `changed` and `hello` for all tabs
  // that a browser restores at once: a tab that sees another session would have reset the ticket.
  const isSettled = why === 'end' || (isAnswered && (why === 'changed' || why === 'hello'));
  if (at > sentAt && !isSettled) return wanted;
  // No answer came. The ask stays open if the engine does not know who is signed in, or a stronger
  // cause than `extend` wants to know. The next beat of an active session answers all other asks.
  const isOpen = !isAnswered && why && (status !== 'active' || outranks(why, 'extend'));
  return isOpen ? { ...wanted, tried: true } : NOTHING_WANTED;
}
