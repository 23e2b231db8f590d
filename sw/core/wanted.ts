import type { State } from './state.js';
import { NOTHING_WANTED, type Wanted, WHYS, type Why } from './why.js';

const outranks = (why: Why, other: Why): boolean => WHYS.indexOf(why) > WHYS.indexOf(other);

/**
 * The stronger of what is wanted already and what is asked now, to be answered by a request that
 * leaves after both.
 */
export const want = (before: Why | null, why: Why, at: number): Wanted => ({
  why: before && outranks(before, why) ? before : why,
  at,
  tried: false,
});

/** What is still wanted after a request that left at `sentAt` has come back. */
export function stillWanted({ wanted, status }: State, sentAt: number, isAnswered: boolean): Wanted {
  const { why, at } = wanted;
  // What was asked after it had left. But any answer settles a question about the known end; and to
  // know of a session that its page sees, as each of many tabs does that a browser restores at
  // once, one answer is enough: who sees another one makes it void. So is it for tabs that see
  // nothing: a moment later, in an active session, their hello would ask for none.
  const isSettled = why === 'end' || (isAnswered && (why === 'changed' || why === 'hello'));
  if (at > sentAt && !isSettled) return wanted;
  // Who is signed in must be known, though nobody could say; the next beat of an active session
  // answers all else.
  const isOpen = !isAnswered && why && (status !== 'active' || outranks(why, 'extend'));
  return isOpen ? { ...wanted, tried: true } : NOTHING_WANTED;
}
