/**
 * The causes for which a request goes out at once, the weakest first. `again` repeats a beat whose
 * 401 named another session.
 */
export const WHYS = ['end', 'check', 'unauthorized', 'hello', 'extend', 'again', 'changed', 'signed-in'] as const;
export type Why = (typeof WHYS)[number];

/**
 * An open ask. It is saved before a request leaves, so that it survives the worker's end. Only a
 * request that leaves after `at` answers it. If it was `tried` without an answer, it waits until
 * the user is there.
 */
export interface Wanted {
  why: Why | null;
  at: number;
  tried: boolean;
}

export const NOTHING_WANTED: Wanted = { why: null, at: 0, tried: true };
