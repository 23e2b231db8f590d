import type { KeepaliveError, KeepaliveEvent, KeepaliveSnapshot } from '../../../client/types.js';
import type { LogEntry } from '../log-reader.js';

/** What the small application writes down, and what comes with it. */
export interface Told {
  onRefreshed: KeepaliveSnapshot;
  onExpired: KeepaliveSnapshot;
  onSignedOut: KeepaliveSnapshot;
  onSignedIn: KeepaliveSnapshot;
  onUserChanged: KeepaliveSnapshot;
  onConceal: boolean;
  onError: Pick<KeepaliveError, 'code' | 'phase'>;
  onEvent: KeepaliveEvent;
  /** `shown`: whether private data was to be seen then. */
  pageshow: { persisted: boolean; shown: boolean };
  /** The first frame after the page was frozen. */
  firstFrame: { shown: boolean };
  freeze: null;
  resume: null;
  visibility: DocumentVisibilityState;
}

export type Entry<C extends keyof Told = keyof Told> = LogEntry<Told, C>;
