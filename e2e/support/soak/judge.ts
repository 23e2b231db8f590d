import type { TokenRequest } from './unreliable-provider.js';

export interface Interval {
  /** From the first request for tokens to the first one after the grant. */
  ms: number;
  /** Requests that failed before the grant. */
  failures: number;
}

/**
 * The intervals between refreshes. Each begins with the first request for tokens after a grant,
 * holds requests that failed, if any, and one grant: it is the user's session that is refreshed
 * once in each, so that only how long they are can be wrong.
 */
export function intervalsOf(asked: readonly TokenRequest[]): Interval[] {
  const firsts = asked.flatMap((_, i) => (i === 0 || asked[i - 1]?.failed === false ? [i] : []));
  return firsts.slice(1).map((next, n) => {
    const first = firsts[n] ?? 0;
    return { ms: (asked[next]?.at ?? 0) - (asked[first]?.at ?? 0), failures: next - first - 1 };
  });
}

/**
 * Rule 8: how many of these attempts at most fell into one window, as a share of what the bucket
 * allows in it.
 */
export function fullestBucket(attempts: readonly number[], burst: number, minInterval: number): number {
  let most = 0;
  for (const [i, from] of attempts.entries()) {
    for (const [j, to] of attempts.entries()) {
      if (j >= i) most = Math.max(most, (j - i + 1) / (burst + Math.floor((to - from) / minInterval)));
    }
  }
  return most;
}
