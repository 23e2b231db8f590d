import type { KeepaliveEvent } from '../../../client/types.js';

export type Tone = 'quiet' | 'good' | 'wait' | 'end' | 'note';

/** What the demo itself did or saw: a button, or the session left alone. */
export interface DemoNote {
  type: 'note';
  /** The same in every tab that notes the same thing, so that it stands on the timeline once. */
  id?: string;
  at: number;
  tab: string | null;
  tone: Tone;
  text: string;
}

/** One row of the timeline. */
export type DemoEvent = KeepaliveEvent | DemoNote;
