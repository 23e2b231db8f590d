const EVERY_MS = 20;
/** Hops between processes on the way from a key to a change of the page, by the server and back. */
const HOPS = 10;

const late: { at: number; by: number }[] = [];
let last = Date.now();
setInterval(() => {
  const at = Date.now();
  if (at - last > 2 * EVERY_MS) late.push({ at, by: at - last - EVERY_MS });
  last = at;
}, EVERY_MS).unref();

/**
 * The time that something may take between two instants, if it may take `limit` milliseconds on a
 * machine that has nothing else to do. Each hop may be as late as the timers of this process were.
 */
export function onThisMachine(limit: number, from: number, to = Date.now()): number {
  const then = late.filter(({ at, by }) => at > from && at - by < to);
  return limit + HOPS * Math.max(0, ...then.map(({ by }) => by));
}
