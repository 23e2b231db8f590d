import type { KeepaliveSnapshot } from '../../../client/types.js';
import type { DemoNote } from './demo-event.js';

/** A tab that has seen nobody leaves the beat to one that has, for 2 s and a jitter. */
const PATIENCE_MS = 3000;

/**
 * Notes, once for each due instant, that no beat went out since nobody was there. Nothing happens
 * then in any tab, which is the point, so that no event tells of it.
 */
export function watchMissedBeats(
  add: (note: DemoNote) => void,
): (snapshot: Pick<KeepaliveSnapshot, 'status' | 'wakeAt'>, now: number) => void {
  let noted: number | null = null;
  return ({ status, wakeAt }, now) => {
    if (status !== 'active' || wakeAt === null || wakeAt === noted || now < wakeAt + PATIENCE_MS) return;
    noted = wakeAt;
    const text = 'No beat: one is due, and nobody is here';
    add({ type: 'note', id: `missed ${wakeAt}`, at: wakeAt, tab: null, tone: 'wait', text });
  };
}
