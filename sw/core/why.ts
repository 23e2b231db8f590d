/**
 * Why a request is to go out at once, the weakest first; `again` repeats a beat whose 401 named
 * another session.
 */
export const WHYS = ['end', 'check', 'unauthorized', 'hello', 'extend', 'again', 'changed', 'signed-in'] as const;
export type Why = (typeof WHYS)[number];

/**
 * An ask that has to be answered. It is saved before a request leaves, so that a kill forgets
 * nothing. Only a request that leaves after `at` answers it. If it was `tried` without an answer,
 * it waits for a user who is there.
 */
export interface Wanted {
  why: Why | null;
  at: number;
  tried: boolean;
}

export const NOTHING_WANTED: Wanted = { why: null, at: 0, tried: true };
