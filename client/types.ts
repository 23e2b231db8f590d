import type { EndReason } from '../server/contract.js';
import type { AskKind, Epoch, ErrorCode, Outcome, SkipReason, Status } from '../sw/protocol.js';

/**
 * The state of a page's session. The object stays the same until something changes, and none of
 * its members counts down. Instants are milliseconds since the Unix epoch.
 */
export interface KeepaliveSnapshot {
  readonly status: Status;
  /** Why the session ended. A backend of your own may have reasons of its own. */
  readonly reason: EndReason | (string & {}) | null;
  readonly epoch: Epoch | null;
  /** The place in which the engine runs. */
  readonly host: 'worker' | 'page' | 'none';
  /** Tells if all tabs share one engine. */
  readonly shared: boolean;
  readonly sessionId: string | null;
  readonly user: string | null;
  /** The engine has nothing to do before this instant. */
  readonly wakeAt: number | null;
  readonly lastBeatAt: number | null;
  readonly accessTokenExpiresAt: number | null;
  readonly idleExpiresAt: number | null;
  readonly absoluteExpiresAt: number | null;
  /** The server's idle limit, in milliseconds. */
  readonly idleTimeout: number | null;
  /**
   * The end of the session, once it is nearer than `warnBefore`. `extendable`: `extend()` can move
   * it.
   */
  readonly ending: { readonly at: number; readonly why: 'idle' | 'absolute'; readonly extendable: boolean } | null;
}

/** A failure that the application is told of once. It is never a reason to log the user out. */
export interface KeepaliveError extends Error {
  readonly code: ErrorCode;
  readonly phase: 'option' | 'register' | 'request' | 'message' | 'callback' | 'storage';
  readonly retryable: boolean;
}

/** An event of any tab, for logs and inspectors. `at` is milliseconds since the Unix epoch. */
export type KeepaliveEvent =
  | { type: 'ping'; at: number; tab: string; ask: AskKind }
  /** A ping that caused no request. No ping causes one before `until`. */
  | { type: 'skip'; at: number; tab: string; ask: AskKind; reason: SkipReason; until: number | null }
  /** `why` is `due` for an ordinary beat. */
  | { type: 'beat'; at: number; why: string; activity: 'user' | 'none'; idleMs: number }
  /** A request that asks what is left of the session, and extends nothing. */
  | { type: 'check'; at: number; why: string }
  /**
   * `code` is `ok`, the reason of an end, or the kind of failure. `stale`: the request left before
   * the user signed in or out, so its answer was ignored.
   */
  | { type: 'answer'; at: number; took: number; outcome: Outcome; code: string; refreshed: boolean; stale: boolean }
  | { type: 'end'; at: number; status: 'expired' | 'signed-out'; reason: string | null }
  | { type: 'session'; at: number; sessionId: string | null; userChanged: boolean }
  | { type: 'worker'; at: number; build: string; instance: string }
  /** The stored state could not be read, or was written by a newer version. */
  | { type: 'storage'; at: number; problem: 'corrupted' | 'newer' }
  | { type: 'host'; at: number; host: 'worker' | 'page' }
  | { type: 'error'; at: number; code: ErrorCode; message: string };

/** Durations are milliseconds. */
export interface KeepaliveOptions {
  /**
   * The same-origin path or URL to which beats are sent.
   * @default '/auth/heartbeat'
   */
  endpoint?: string;
  /**
   * The path or URL of a `GET` route that tells what is left of the session and extends nothing.
   * `null`: there is none.
   * @default `session` in place of `heartbeat` if the endpoint ends in `/auth/heartbeat`, otherwise
   * `null`
   */
  statusEndpoint?: string | null;
  /**
   * The path or URL to which `signIn()` goes. `null`: there is none.
   * @default `login` in place of `heartbeat` if the endpoint ends in `/auth/heartbeat`, otherwise
   * `null`
   */
  loginUrl?: string | null;
  /**
   * Returns the public id of the session that the page sees now, `null` if the user is signed out,
   * or `undefined` if the page cannot know. Called for every ping.
   * @default reads the readable cookie
   */
  session?: () => string | null | undefined;
  /**
   * The user for whom the page was rendered: the public id that the server's answers name in
   * `user`, or `null` for a page without private data.
   *
   * If another user is signed in, or the user has signed out, the page is concealed until it is
   * rendered for the user who is signed in, and `onUserChanged` or `onSignedOut` is called. If the
   * session is over when the page starts, the page is concealed too, and `onExpired` is called. An
   * open page whose session expires stays in view, with everything that was typed.
   *
   * An application that renders again without a new page gives a function, and calls `check()`
   * after it has rendered. Never return what a cookie says now: the page may be older than the
   * cookie.
   * @default the page's `<meta name="stillhere-user">`, which `userMeta()` of the server writes.
   * Without one it is not known.
   */
  renderedFor?: string | null | (() => string | null | undefined);
  /**
   * The URL of the worker's script, or `false` to run the engine in the page.
   * @default `stillhere-sw.js` in the folder of the endpoint
   */
  worker?: string | false;
  /**
   * The scope of the application's own worker. With it, `worker` is registered as it is given.
   * @default the ready-made worker, at a narrow scope that contains no page
   */
  scope?: string;
  /**
   * The name that everything of one session shares: storage, locks and channels.
   * @default the endpoint's path
   */
  name?: string;
  /**
   * The name of the readable cookie, which holds the session's public id. If the cookie is absent,
   * the user counts as signed out only on a device that has had it, or if a 401 of the server has
   * named it. Until then every page asks the server once when it loads.
   * @default 'stillhere-session'
   */
  cookie?: string;
  /**
   * The types of the events that count as activity.
   * @default keys, input, pointer, wheel, touch, paste, drop and focus
   */
  activityEvents?: readonly string[];
  /**
   * The longest time between two beats of a user who is present, in milliseconds.
   * @default 300_000
   */
  interval?: number;
  /**
   * How recent activity must be for a beat, in milliseconds.
   * @default 120_000
   */
  activeWindow?: number;
  /**
   * The shortest time between two requests, in milliseconds. A burst of three may leave at once.
   * @default 5_000
   */
  minInterval?: number;
  /**
   * How exactly activity is timed, in milliseconds: after one event, the next ones are not noticed
   * for so long.
   * @default 5_000
   */
  activityResolution?: number;
  /**
   * The time limit of a request, in milliseconds.
   * @default 15_000
   */
  requestTimeout?: number;
  /**
   * How many milliseconds before the session's end `onEnding` is called and `snapshot().ending` is
   * set. 0: never.
   * @default 60_000
   */
  warnBefore?: number;
  /** The server has confirmed a beat. */
  onRefreshed?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * The session has ended, and the user has not signed out. Ask the user to sign in again, and keep
   * what was typed.
   *
   * It is also called when a page starts and the session is over, if the page sees that session, or
   * was rendered for a user, or cannot see its session (`session` returns `undefined`) and does not
   * say that it was rendered for no user.
   */
  onExpired?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * The user has signed out, in this tab or another. It is also called when a page starts that was
   * rendered for a user who has signed out since. A page that was rendered for no known user is
   * told nothing when it starts.
   */
  onSignedOut?: (snapshot: KeepaliveSnapshot) => void;
  /** The same user has a session again. */
  onSignedIn?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * Another user is signed in now, or the server does not say which user (its answers need `user`).
   * The page shows data of the user before: load the page again. It is also called when a page
   * starts that was rendered for another user (`renderedFor`).
   */
  onUserChanged?: (snapshot: KeepaliveSnapshot) => void;
  /** The session will end soon if the user does nothing. */
  onEnding?: (snapshot: KeepaliveSnapshot) => void;
  /**
   * Cover private data: the session may be over and the server cannot be asked, or the page was
   * rendered for another user, or for one who has signed out. It is called with `false` when the
   * session is known to be alive and the page is its user's. For a page without a session it is
   * called with `false` when the page shows no private data.
   */
  onConceal?: (conceal: boolean) => void;
  onError?: (error: KeepaliveError) => void;
  onEvent?: (event: KeepaliveEvent) => void;
}

export interface Keepalive {
  /**
   * Starts to notice the user, and starts the engine. A second call does nothing; after `stop()` it
   * starts again.
   */
  start(): void;
  /** Stops. With `forget` it also unregisters the worker and deletes the stored state. */
  stop(options?: { forget?: boolean }): Promise<void>;
  snapshot(): KeepaliveSnapshot;
  /** Calls `listener` after every change of the snapshot. Returns a function that ends this. */
  subscribe(listener: () => void): () => void;
  /** Sends a beat at once, for a "Stay signed in" button. Does not reject. */
  extend(): Promise<Outcome>;
  /** Asks the server what is left of the session, and extends nothing. Does not reject. */
  check(): Promise<Outcome>;
  /**
   * Asks the server if the session is over, after an API call of yours got a 401. Does not reject.
   */
  unauthorized(): Promise<Outcome>;
  /**
   * Goes to `loginUrl`, or opens it in a pop-up, so that this page keeps what was typed. Browsers
   * allow a pop-up only in the handler of a click. Resolves to `unavailable` if the pop-up is
   * blocked, or closed without a session.
   *
   * @throws {TypeError} (as a rejection) if there is no `loginUrl`, or the script for this does not
   * load. The pop-up is closed then.
   */
  signIn(options?: { popup?: boolean; returnTo?: string }): Promise<Outcome>;
  /** Tells the engine that the application has signed the user in by itself. Does not reject. */
  signedIn(): Promise<Outcome>;
  /**
   * Tells the engine that the application signs the user out. Resolves when no beat is in flight
   * and none will start: then end the session on the server. `onSignedOut` is called before that,
   * in this page too. Do not leave the page in that callback, or the logout may never be sent.
   */
  signedOut(): Promise<void>;
  /**
   * Tells the engine that the user is there though no event shows it: during a call or a video, or
   * in a cross-origin frame. It counts in hidden pages too. An extension that types for the user,
   * by dictation or with text blocks, needs it only if the last key, click or touch is longer ago
   * than the idle limit.
   */
  touch(): void;
  /**
   * Observes the user's activity in a shadow root, a pop-out window or a frame too, and in the
   * same-origin frames in it. Returns a function that ends this.
   */
  observe(target: EventTarget | Window | HTMLIFrameElement): () => void;
}
