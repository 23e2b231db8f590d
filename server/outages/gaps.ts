/** A time that does not count. Instants are milliseconds since the epoch. */
export interface Gap {
  from: number;
  to: number;
}

/** How much of the time from `from` to `to` lies in gaps, each instant counted once. */
export function inGaps(gaps: readonly Gap[], from: number, to: number): number {
  let total = 0;
  let counted = from;
  for (const gap of [...gaps].sort((a, b) => a.from - b.from)) {
    const start = Math.max(counted, gap.from);
    const end = Math.min(to, gap.to);
    if (end <= start) continue;
    total += end - start;
    counted = end;
  }
  return total;
}

/** The instant before `at` from which on `spanMs` have passed outside of the gaps. */
export function goBack(gaps: readonly Gap[], at: number, spanMs: number): number {
  let left = spanMs;
  let reached = at;
  for (const gap of [...gaps].sort((a, b) => b.to - a.to)) {
    const end = Math.min(reached, gap.to);
    if (end <= gap.from) continue;
    if (reached - end >= left) break;
    left -= reached - end;
    reached = gap.from;
  }
  return reached - left;
}
