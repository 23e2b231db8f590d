import type { AskKind, ErrorCode, Outcome } from '../sw/protocol.js';
import type { KeepaliveError, KeepaliveEvent, KeepaliveSnapshot } from './types.js';

/** A problem that a page has met: an error code, or a case whose code has to be found out first. */
export type Trouble = ErrorCode | 'registration' | 'network' | 'build';

/** The arguments of the application's callbacks. */
export interface Calls {
  onRefreshed: KeepaliveSnapshot;
  onExpired: KeepaliveSnapshot;
  onSignedOut: KeepaliveSnapshot;
  onSignedIn: KeepaliveSnapshot;
  onUserChanged: KeepaliveSnapshot;
  onEnding: KeepaliveSnapshot;
  onConceal: boolean;
  onError: KeepaliveError;
  onEvent: KeepaliveEvent;
}
export type Callbacks = { [Name in keyof Calls]?: (value: Calls[Name]) => void };
/** Calls one of the callbacks, if the application has given it. */
export type Call = <Name extends keyof Calls>(name: Name, value: Calls[Name]) => void;

/** One instance of the keepalive, as its tab sees it. */
export interface TabListener {
  /**
   * `hadSession`: the page had reason to believe in a session when it started; `null` while the
   * snapshot may be older than the page, and nothing is to be told. `owner`: the user for whom the
   * page was rendered, `null` for none, `undefined` if the page does not say.
   */
  onChange(snapshot: KeepaliveSnapshot, hadSession: boolean | null, owner: string | null | undefined): void;
  call: Call;
  /** Tells if the application listens to events. */
  hears: boolean;
}

export interface Tab {
  ask(kind: AskKind): Promise<Outcome>;
  touch(): void;
  observe(target: EventTarget): () => void;
  /** Asks again if another user may be signed in. */
  look(): void;
  add(listener: TabListener): void;
  /** Returns how many instances are left. */
  remove(listener: TabListener): number;
  stop(forget: boolean): Promise<void>;
}
