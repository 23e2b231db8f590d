import type { Gap } from './gaps.js';

/** How many silences are remembered. Older ones are forgotten first. */
const MOST = 16;

/** The times in which nothing was heard for at least `leastMs`. */
export interface Silences {
  /** Something was heard. Returns the silence that ended with it, or `null`. */
  heard(at: number): Gap | null;
  /** Adds a silence that another process has noted, and when that process last heard something. */
  recall(silence: Gap | null, heardAt: number | null): void;
  /** Returns the silences so far, with the one that goes on at `at`. */
  until(at: number): Gap[];
}

export function createSilences(leastMs: number): Silences {
  let known: Gap[] = [];
  let heardAt: number | null = null;
  const add = (from: number, to: number): Gap | null => {
    if (to - from < leastMs) return null;
    const silence = { from, to };
    known = [...known.slice(1 - MOST), silence];
    return silence;
  };
  return {
    heard(at) {
      const ended = heardAt === null ? null : add(heardAt, at);
      heardAt = at;
      return ended;
    },
    recall(silence, at) {
      if (silence) add(silence.from, silence.to);
      heardAt ??= at;
    },
    until: (at) => (heardAt !== null && at - heardAt >= leastMs ? [...known, { from: heardAt, to: at }] : known),
  };
}
