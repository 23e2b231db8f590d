import type { EndReason } from '../server/contract.js';
import type { AskKind, Epoch, ErrorCode, Outcome, SkipReason, Status } from '../sw/protocol.js';

/** What a page knows of its session. Keeps its identity until something changes, and holds nothing that ticks. Instants are ms since the epoch. */
export interface KeepaliveSnapshot {
  readonly status: Status;
  /** Why it ended; another backend than ours may have reasons of its own. */
  readonly reason: EndReason | (string & {}) | null;
  readonly epoch: Epoch | null;
  /** Where the engine runs. */
  readonly host: 'worker' | 'page' | 'none';
  /** Whether all tabs share one engine. */
  readonly shared: boolean;
  readonly sessionId: string | null;
  readonly user: string | null;
  /** Before this instant there is nothing to do. */
  readonly wakeAt: number | null;
  readonly lastBeatAt: number | null;
  readonly accessTokenExpiresAt: number | null;
  readonly idleExpiresAt: number | null;
  readonly absoluteExpiresAt: number | null;
  /** The server's idle limit, in milliseconds. */
  readonly idleTimeout: number | null;
  /** The end that comes within `warnBefore`; `extendable` where `extend()` can move it. */
  readonly ending: { readonly at: number; readonly why: 'idle' | 'absolute'; readonly extendable: boolean } | null;
}

/** A failure that the application is told of once: never a reason to log anybody out. */
export interface KeepaliveError extends Error {
  readonly code: ErrorCode;
  readonly phase: 'option' | 'register' | 'request' | 'message' | 'callback' | 'storage';
  readonly retryable: boolean;
}

/** What happened, in any tab, for logs and inspectors. `at` is milliseconds since the epoch. */
export type KeepaliveEvent =
  | { type: 'ping'; at: number; tab: string; ask: AskKind }
  /** A ping that caused no request. `until`: before then no ping does. */
  | { type: 'skip'; at: number; tab: string; ask: AskKind; reason: SkipReason; until: number | null }
  /** `why` is `due` for an ordinary beat. */
  | { type: 'beat'; at: number; why: string; activity: 'user' | 'none'; idleMs: number }
  /** A question what is left, which extends nothing. */
  | { type: 'check'; at: number; why: string }
  /** `code` is `ok`, the reason of an end, or what went wrong; `stale`: it was about what is no longer true. */
  | { type: 'answer'; at: number; took: number; outcome: Outcome; code: string; refreshed: boolean; stale: boolean }
  | { type: 'end'; at: number; status: 'expired' | 'signed-out'; reason: string | null }
  | { type: 'session'; at: number; sessionId: string | null; userChanged: boolean }
  | { type: 'worker'; at: number; build: string; instance: string }
  /** What was stored could not be read, or is of a newer version. */
  | { type: 'storage'; at: number; problem: 'corrupted' | 'newer' }
  | { type: 'host'; at: number; host: 'worker' | 'page' }
  | { type: 'error'; at: number; code: ErrorCode; message: string };

/** Durations are milliseconds. */
export interface KeepaliveOptions {
  /** Where beats go: a same-origin path or URL. Default `/auth/heartbeat`. */
  endpoint?: string;
  /** `GET` that tells what is left and extends nothing. Default: `session` beside an endpoint that ends in `/auth/heartbeat`, else none; `null` for none. */
  statusEndpoint?: string | null;
  /** Where `signIn()` goes. Default: `login` beside an endpoint that ends in `/auth/heartbeat`, else none. */
  loginUrl?: string | null;
  /** The session as the page sees it now: its public id, `null` for signed out, `undefined` for unknown. Default: the readable cookie. Read anew at every ping. */
  session?: () => string | null | undefined;
  /**
   * For whom the page was rendered: the user's public id, as the server's answers name it in `user`;
   * `null` for a page without private data. Default: the page's `<meta name="stillhere-user">`, which
   * `userMeta()` of the server writes; without one, not known. If another user is signed in, or the
   * user has signed out, the page is concealed until it is rendered for the user who is signed in, and
   * `onUserChanged` or `onSignedOut` is called. So it is, with `onExpired`, if the session is over when
   * the page starts. An open page whose session expires stays in view, with what was typed. An
   * application that draws again without a new page gives a function, and calls `check()` when it has
   * drawn. Never say what a cookie says now: the page may be older.
   */
  renderedFor?: string | null | (() => string | null | undefined);
  /** URL of the worker file, or `false` to run the engine in the page. Default: `stillhere-sw.js` beside the endpoint. */
  worker?: string | false;
  /** Scope of an application's own worker: `worker` is then registered as it is given. Default: the ready-made worker, at a narrow scope that contains no page. */
  scope?: string;
  /** Name shared by everything that belongs to one session. Default: the endpoint's path. */
  name?: string;
  /**
   * Name of the readable cookie. Default `stillhere-session`. Its absence means signed out only on a
   * device that has had it, or if the server's 401 has named it. Until then the server is asked, once in
   * each page load.
   */
  cookie?: string;
  /** Event types that count as activity. */
  activityEvents?: readonly string[];
  /** Longest time between two beats of a present user. Default 300 000. */
  interval?: number;
  /** How recent activity must be for a beat. Default 120 000. */
  activeWindow?: number;
  /** Shortest time between two requests, beyond a burst of three. Default 5 000. */
  minInterval?: number;
  /** How exactly activity is timed. Default 5 000. */
  activityResolution?: number;
  /** Time-out of a request. Default 15 000. */
  requestTimeout?: number;
  /** How long before an end `onEnding` is called and `snapshot().ending` is set. Default 60 000; 0 for never. */
  warnBefore?: number;
  /** A beat was confirmed. */
  onRefreshed?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * The session has ended and was not signed out: ask to sign in again, keep what was typed. Also at
   * the start of a page: if it sees a session that is over, was rendered for a user, or cannot see who
   * is signed in (`session` gives `undefined`) and does not say that it was rendered for no user.
   */
  onExpired?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * The user has signed out, here or in another tab. Also at the start of a page that was rendered for
   * a user, if the user has signed out since. A page that nothing says to be of a user is told of
   * nothing at its start.
   */
  onSignedOut?: (snapshot: KeepaliveSnapshot) => void;
  /** The same user has a session again. */
  onSignedIn?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * Another user is signed in now, or the server does not say which user (its answers need `user`):
   * the page's data are not theirs. Load the page again. Also at the start of a page that was rendered
   * for another user (`renderedFor`).
   */
  onUserChanged?: (snapshot: KeepaliveSnapshot) => void;
  /** The session will end soon if nobody acts. */
  onEnding?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * Cover private data: the session may be over and the server cannot be asked, or the page was
   * rendered for another user, or for one who has signed out. Called with `false` when the session is
   * known to live and the page is its user's, or when a page without a session shows no private data.
   */
  onConceal?: (conceal: boolean) => void;
  onError?: (error: KeepaliveError) => void;
  onEvent?: (event: KeepaliveEvent) => void;
}

export interface Keepalive {
  /** Starts noticing the user, and the engine. Idempotent, restartable. */
  start(): void;
  /** Stops; `forget` also unregisters the worker and deletes what is stored. */
  stop(options?: { forget?: boolean }): Promise<void>;
  snapshot(): KeepaliveSnapshot;
  /** Calls `listener` after every change; returns its unsubscribe. */
  subscribe(listener: () => void): () => void;
  /** "Stay signed in": a beat at once. Does not reject. */
  extend(): Promise<Outcome>;
  /** Asks the server what is left, extending nothing. Does not reject. */
  check(): Promise<Outcome>;
  /** An API call got a 401: is the session over? Does not reject. */
  unauthorized(): Promise<Outcome>;
  /**
   * Goes to `loginUrl`, or opens it in a pop-up, so that this page keeps what was typed: call it from a click then. Resolves to `unavailable`
   * when the pop-up is blocked or closed without a session. Rejects with a TypeError without a `loginUrl`, or where
   * the script for it does not load; the pop-up is closed then.
   */
  signIn(options?: { popup?: boolean; returnTo?: string }): Promise<Outcome>;
  /** The application has signed in by itself. Does not reject. */
  signedIn(): Promise<Outcome>;
  /**
   * The application signs out: resolves when no beat is in flight and none will start. End the session
   * on the server then. `onSignedOut` is called in this page too, before that: do not leave the page
   * there, or the logout may never be sent.
   */
  signedOut(): Promise<void>;
  /**
   * The user is there though no event shows it: a call, a video, a cross-origin frame. Counts in hidden pages too. An extension that types for
   * the user, by dictation or with text blocks, needs it only beyond one idle limit after the last key, click or touch.
   */
  touch(): void;
  /** Observes a shadow root, a pop-out window or a frame by hand, and the same-origin frames in it; returns its undo. */
  observe(target: EventTarget | Window | HTMLIFrameElement): () => void;
}
