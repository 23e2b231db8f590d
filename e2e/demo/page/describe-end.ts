import type { KeepaliveSnapshot } from '../../../client/types.js';
import type { DemoEvent } from './demo-event.js';
import { formatSeconds } from './format.js';

/**
 * Why an idle session ended, with the figure that proves it: when the last beat had seen the user.
 * `null` where nothing is known of that.
 */
export function describeEnd(
  { reason }: Pick<KeepaliveSnapshot, 'reason'>,
  events: readonly DemoEvent[],
  now: number,
): string | null {
  const seen = events.flatMap((event) =>
    event.type === 'beat' && event.activity === 'user' ? [event.at - event.idleMs] : [],
  );
  if (reason !== 'idle_timeout' || seen.length === 0) return null;
  return `The last sign of you came ${formatSeconds(Math.round((now - Math.max(...seen)) / 1000))} ago.`;
}
