import type { KeepaliveError, KeepaliveEvent, KeepaliveSnapshot } from '../../../client/types.js';

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

/** One entry, with the page's own instant. */
export interface Entry<C extends keyof Told = keyof Told> {
  at: number;
  callback: C;
  value: Told[C];
}
