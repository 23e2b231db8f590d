import type { AliveFacts } from '../server/contract.js';

/**
 * The wire between pages and worker: types, constants and guards. It imports only the contract's
 * types. A page posts a `Request` with a port. The worker answers on the port: first `ack`, at
 * once, then `done`, with the outcome. News go to all tabs on the BroadcastChannel.
 */

/**
 * The version of the wire between page and worker. A worker understands it and the one before.
 */
export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL_VERSION = 1;

export type Status = 'unknown' | 'active' | 'expired' | 'signed-out';

/**
 * A period in which status and session do not change. `n` grows at every change. `store` is a
 * random id of the storage: the numbers of two storages cannot be compared.
 */
export interface Epoch {
  store: string;
  n: number;
}

/** The result of an ask. `extend()`, `check()`, `unauthorized()` and `signedIn()` resolve to it. */
export type Outcome = 'alive' | 'ended' | 'unavailable' | 'offline';

/**
 * The engine's state, as every page sees it. Instants are milliseconds since the Unix epoch on this
 * device's clock. 0 means never, and an unknown limit is `Infinity`.
 */
export interface EngineSnapshot {
  status: Status;
  /** One of the contract's reasons, or a backend's own. `null` if the answer gave none. */
  reason: string | null;
  epoch: Epoch;
  sessionId: string | null;
  user: string | null;
  /** The session that ended last. */
  endedSessionId: string | null;
  /** A session that pages see but the server has contradicted. It causes no further request. */
  refutedSeen: string | null;
  /** There is nothing to do before this instant. `Infinity` while no activity can cause a beat. */
  wakeAt: number;
  /**
   * An ask that has no answer yet. Until it was `tried` it waits for `wakeAt`. Then the page that
   * asked asks again.
   */
  wanted: { why: string | null; at: number; tried: boolean };
  /** The latest activity that a confirmed beat reported. */
  reportedActivityAt: number;
  lastBeatAt: number;
  /** How many requests in a row got no answer about the session. */
  failures: number;
  /**
   * The latest answer. `code` is `ok` or names the failure, `tab` is the page that asked, and
   * `kind` is the kind of its ask. `cookie` names the readable cookie that the server sets. An
   * older engine does not send the last three.
   */
  answered: {
    at: number;
    outcome: Outcome;
    code: string;
    tab?: string;
    kind?: Departure['kind'];
    cookie?: string | undefined;
  };
  /** The server's latest facts of the session, in seconds since `factsAt`. */
  facts: AliveFacts;
  factsAt: number;
  /** Tells if all tabs share this engine's state. */
  shared: boolean;
  /**
   * The engine's clock when it sent this. A page whose own clock shows another time uses the
   * difference. An older engine does not send it.
   */
  at?: number;
}

/** Why a page asks. `activity` to `online` may need no request. The other ones want an answer. */
export const ASKS = [
  'hello',
  'activity',
  'visible',
  'online',
  'touch',
  'extend',
  'check',
  'warning',
  'end',
  'unauthorized',
  'signed-in',
  'signed-out',
] as const;
export type AskKind = (typeof ASKS)[number];

/** The durations of the page's options, in milliseconds. */
export interface EngineSettings {
  interval: number;
  activeWindow: number;
  minInterval: number;
  requestTimeout: number;
  warnBefore: number;
}

/** Milliseconds. */
export const DEFAULT_SETTINGS: EngineSettings = {
  interval: 300_000,
  activeWindow: 120_000,
  minInterval: 5_000,
  requestTimeout: 15_000,
  warnBefore: 60_000,
};

/** One ask of a page. It holds facts, never a secret. */
export interface Ask {
  kind: AskKind;
  /** The page's random id, for the timeline and to tell pages apart. */
  tab: string;
  /** The session that the page sees now: an id, `null` if signed out, `undefined` if unknown. */
  seen?: string | null | undefined;
  /** Tells if the page is visible. */
  visible: boolean;
  /**
   * The milliseconds since the latest activity in any tab that this page knows of. `Infinity` if it
   * knows of none.
   */
  activityAge: number;
  /** The page's `navigator.onLine`. */
  online: boolean;
  /** Sent with `hello` only. */
  settings?: EngineSettings;
}

/** The reason why an ask caused no request. */
export type SkipReason =
  | 'not-due'
  | 'no-activity'
  | 'already-reported'
  | 'hidden'
  | 'over'
  | 'signed-out'
  | 'retry-after'
  | 'back-off'
  | 'rate'
  | 'joined';

/**
 * A fact of the timeline: a decision with its cause, or the start of a worker. A page makes events
 * of it if the application listens. `found` tells what was stored before.
 */
export type Fact = { at: number; found?: string } & (
  | { type: 'ask'; ask: Ask; outcome: Outcome; skipped?: SkipReason }
  | { type: 'begin'; ask: Ask; outcome: Outcome; skipped?: SkipReason; flight?: Departure }
  | {
      type: 'answer';
      outcome: Outcome;
      flight: Departure;
      answer: { code: string; facts: AliveFacts };
      stale?: boolean;
    }
  | { type: 'worker'; build: string; instance: string }
  /** Set only if the stored record could not be read. */
  | { type: 'told' }
);

/**
 * A request that leaves. `why` is `due` for an ordinary beat. A check asks what is left of the
 * session, and extends nothing.
 */
export interface Departure {
  kind: 'beat' | 'check';
  why: string;
  activity: 'user' | 'none';
  idleMs: number;
  sentAt: number;
}

/**
 * The codes of the failures that `onError` is told of.
 * - `endpoint-...`: the endpoint does not answer as the contract says. The rest of the code is the
 *   status (`endpoint-404`), `html`, `redirect`, `invalid` (no valid JSON), or `blocked` (by a
 *   Content-Security-Policy).
 * - `status-404`, `status-405`, `status-empty` (an answer that says nothing of a session): the
 *   `statusEndpoint` is no status route.
 * - `cookie-missing`: the readable cookie is expected, but this device has never had it.
 * - `user-unknown`: the server does not say which user is signed in, but the page has to know.
 */
export type ErrorCode =
  | `endpoint-${string}`
  | `status-${string}`
  | 'cookie-missing'
  | 'user-unknown'
  | 'worker-missing'
  | 'worker-html'
  | 'worker-scope'
  | 'worker-build'
  | 'worker-blocked'
  | 'worker-silent'
  | 'protocol'
  | 'storage'
  | 'session-option'
  | 'callback';

/** A message from a page to the worker. */
export interface Request {
  stillhere: number;
  type: 'ask';
  /** The build id of the page's script. */
  build: string;
  payload: Ask;
}

/** A message from the worker to a page, on the request's port. */
export type Reply =
  | { stillhere: number; type: 'ack'; build: string; payload: EngineSnapshot }
  | { stillhere: number; type: 'done'; build: string; payload: { outcome: Outcome; snapshot: EngineSnapshot } }
  | { stillhere: number; type: 'error'; build: string; payload: { code: ErrorCode } };

/**
 * The user was active `age` milliseconds ago. `asks`: this tab asks the engine now, so others wait.
 */
export interface ToldActivity {
  age: number;
  asks?: boolean;
}

/** A message on the BroadcastChannel `stillhere:<name>`. */
export type ChannelMessage =
  | { stillhere: number; type: 'news'; payload: { snapshot: EngineSnapshot; facts: Fact[] } }
  /** From tab to tab: the user is active. */
  | { stillhere: number; type: 'activity'; payload: ToldActivity }
  /** From tab to tab: ask again who is signed in, because a pop-up has signed a user in. */
  | { stillhere: number; type: 'look'; payload: null };

type Fields = Record<string, unknown>;

/**
 * Tells if `value` has every member of `sample`, with a value of the same type. If the sample's
 * member is `null`, it takes a string or `null`. Numbers must not be negative. If the sample's
 * member is a function, that function decides.
 */
export function isLike(value: unknown, sample: unknown): boolean {
  if (typeof sample === 'function') return !!sample(value);
  if (sample == null) return value == null || typeof value === 'string';
  if (typeof value !== typeof sample) return false;
  if (typeof value === 'number') return value >= 0;
  return (
    typeof sample !== 'object' ||
    (value !== null && Object.entries(sample).every(([name, member]) => isLike((value as Fields)[name], member)))
  );
}

const STATUSES: readonly unknown[] = ['unknown', 'active', 'expired', 'signed-out'] satisfies Status[];
export const isStatus = (value: unknown): value is Status => STATUSES.includes(value);

/**
 * Tells if a message is Stillhere's. An application's worker and channels have messages of their
 * own.
 */
export const isOurs = (data: unknown): data is Fields => isLike(data, { stillhere: 0 });

/**
 * Tells if these durations are possible as a page's options: neither their sum nor three times one
 * of them overflows.
 */
export const isSettings = (value: unknown): value is EngineSettings =>
  isLike(value, DEFAULT_SETTINGS) && Object.values(value as EngineSettings).every((duration) => duration < 2 ** 53);

const ASK = {
  kind: (value: unknown) => (ASKS as readonly unknown[]).includes(value),
  tab: '',
  seen: null,
  visible: true,
  activityAge: 0,
  online: true,
  settings: (value: unknown) => value === undefined || isSettings(value),
};

/**
 * Reads the ask in a message to the worker. Returns `null` if it cannot be read, or has a version
 * that this worker does not understand.
 */
export function readAsk({ stillhere, type, payload }: Fields): Ask | null {
  const isKnown = (stillhere as number) >= OLDEST_PROTOCOL_VERSION && (stillhere as number) <= PROTOCOL_VERSION;
  return isKnown && type === 'ask' && isLike(payload, ASK) ? (payload as Ask) : null;
}

const isLimit = (value: unknown): boolean => value == null || isLike(value, 0);

const SNAPSHOT = {
  status: isStatus,
  reason: null,
  sessionId: null,
  user: null,
  endedSessionId: null,
  failures: 0,
  shared: true,
  epoch: { store: '', n: 0 },
  wakeAt: 0,
  wanted: { why: null, tried: true },
  reportedActivityAt: 0,
  lastBeatAt: 0,
  answered: { code: '' },
  facts: { accessTokenExpiresIn: isLimit, idleExpiresIn: isLimit, absoluteExpiresIn: isLimit, idleTimeout: isLimit },
  factsAt: 0,
  at: isLimit,
};

/** Tells if `value` is a snapshot of the engine. Every member that a page reads is checked. */
export const isEngineSnapshot = (value: unknown): value is EngineSnapshot => isLike(value, SNAPSHOT);

/** Tells if `data` is a message with the members of `head` and the payload of its type. */
const isMessage = (data: unknown, head: object, payloads: [type: string, payload: unknown][]): data is Fields =>
  isLike(data, head) &&
  payloads.some(([type, payload]) => type === (data as Fields).type && isLike((data as Fields).payload, payload));

/** Tells if `data` is a reply on a request's port. */
export const isReply = (data: unknown): data is Reply =>
  isMessage(data, { stillhere: 0, build: '' }, [
    ['ack', SNAPSHOT],
    ['done', { snapshot: SNAPSHOT }],
    ['error', { code: '' }],
  ]);

/** Tells if `data` is a message on the channel. */
export const isChannelMessage = (data: unknown): data is ChannelMessage =>
  isMessage(data, { stillhere: 0 }, [
    ['news', { snapshot: SNAPSHOT, facts: Array.isArray }],
    ['activity', { age: 0 }],
    ['look', () => true],
  ]);
