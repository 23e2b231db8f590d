import type { AskKind, ErrorCode, Outcome } from '../sw/protocol.js';
import type { KeepaliveError, KeepaliveEvent, KeepaliveSnapshot } from './types.js';

/** What a page has met: a code, or something whose code has to be found out first. */
export type Trouble = ErrorCode | 'registration' | 'network' | 'build';

/** What an application's callbacks are called with. */
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
/** Calls one of them, where the application has it. */
export type Call = <Name extends keyof Calls>(name: Name, value: Calls[Name]) => void;

/** One instance's ear. */
export interface TabListener {
  /**
   * `hadSession`: the page had reason to believe in a session when it started; `null` while the
   * snapshot may be older than the page, and nothing is to be told. `owner`: the user for whom the
   * page was rendered, `null` for none, `undefined` if the page does not say.
   */
  onChange(snapshot: KeepaliveSnapshot, hadSession: boolean | null, owner: string | null | undefined): void;
  call: Call;
  /** Whether the application listens to events. */
  hears: boolean;
}

export interface Tab {
  ask(kind: AskKind): Promise<Outcome>;
  touch(): void;
  observe(target: EventTarget): () => void;
  /** Asks again if somebody else may be signed in. */
  look(): void;
  add(listener: TabListener): void;
  /** How many are left. */
  remove(listener: TabListener): number;
  stop(forget: boolean): Promise<void>;
}
