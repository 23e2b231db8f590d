import type { AliveFacts } from '../server/contract.js';

/**
 * What pages and worker say to each other: types, constants and guards, no imports but the
 * contract's types. A page posts a `Request` with a port; the worker answers on the port, first
 * `ack` (at once), then `done` (only where an outcome was asked for). News go to all tabs on the
 * BroadcastChannel.
 */

/**
 * Version of the wire between page and worker. A worker understands this one and the one before.
 */
export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL_VERSION = 1;

export type Status = 'unknown' | 'active' | 'expired' | 'signed-out';

/**
 * `n` grows at every change of status or session; `store` is a random id of this storage: numbers
 * of two stores do not compare.
 */
export interface Epoch {
  store: string;
  n: number;
}

/** How an ask ended: what `extend()`, `check()`, `unauthorized()` and `signedIn()` resolve to. */
export type Outcome = 'alive' | 'ended' | 'unavailable' | 'offline';

/**
 * What the engine knows, as every page sees it. Instants are milliseconds since the epoch on this
 * device's clock, 0 for never; a limit that is not known is at `Infinity`.
 */
export interface EngineSnapshot {
  status: Status;
  /** One of the contract's reasons, or another backend's own word; `null` where none was given. */
  reason: string | null;
  epoch: Epoch;
  sessionId: string | null;
  user: string | null;
  /** The session that ended here last. */
  endedSessionId: string | null;
  /** A session that pages see and the server has contradicted: it says nothing. */
  refutedSeen: string | null;
  /** Before this instant there is nothing to do; `Infinity` while no activity can cause a beat. */
  wakeAt: number;
  /**
   * An ask that has no answer yet. Until it was `tried` it waits for `wakeAt`: the page that asked
   * comes back then.
   */
  wanted: { why: string | null; at: number; tried: boolean };
  /** The latest activity that a confirmed beat reported. */
  reportedActivityAt: number;
  lastBeatAt: number;
  /** Requests in a row that got no answer about the session. */
  failures: number;
  /**
   * The latest answer: `code` says what went wrong, `tab` is the page that asked and `kind` is what
   * it asked for. `cookie` is the readable cookie that the server sets. An older engine does not
   * say these three.
   */
  answered: {
    at: number;
    outcome: Outcome;
    code: string;
    tab?: string;
    kind?: Departure['kind'];
    cookie?: string | undefined;
  };
  /** What the server said last of the session, in seconds since `factsAt`. */
  facts: AliveFacts;
  factsAt: number;
  /** Whether all tabs share this engine's state. */
  shared: boolean;
  /**
   * The engine's clock when it told this. A page whose own clock shows another time counts by the
   * difference; an older engine does not say.
   */
  at?: number;
}

/** Why a page asks. `activity` to `online` may find nothing to do; the others want an answer. */
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

/** Durations in milliseconds, from the page's options. */
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

/** One ping of a page. Facts only, never a secret. */
export interface Ask {
  kind: AskKind;
  /** Random id of the page, for the timeline and to tell pages apart. */
  tab: string;
  /** The session as the page sees it now: an id, `null` for signed out, `undefined` for unknown. */
  seen?: string | null | undefined;
  /** Whether the page is visible. */
  visible: boolean;
  /**
   * Milliseconds since the latest user activity that this page knows of, in any tab; `Infinity` for
   * none.
   */
  activityAge: number;
  /** `navigator.onLine` of the page. */
  online: boolean;
  /** Only with `hello`. */
  settings?: EngineSettings;
}

/** Why a ping caused no request. */
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
 * What happened, as the engine tells it: each decision with its cause, and the start of a worker. A
 * page makes events of it where somebody listens. `found` says what was stored before.
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
  /** Only where what was stored could not be read. */
  | { type: 'told' }
);

/**
 * A request that leaves. `why` is `due` for an ordinary beat; a check asks what is left and extends
 * nothing.
 */
export interface Departure {
  kind: 'beat' | 'check';
  why: string;
  activity: 'user' | 'none';
  idleMs: number;
  sentAt: number;
}

/**
 * Codes of failures that a page is told of through `onError`.
 * - `endpoint-` and what the endpoint answers: a status that is not the contract's
 *   (`endpoint-404`),
 *   `html`, `redirect`, `invalid` JSON, or `blocked` by a Content-Security-Policy.
 * - `status-404`, `status-405`, `status-empty` (an answer that says nothing of any session): the
 *   `statusEndpoint` is not a status route.
 * - `cookie-missing`: the readable cookie is expected, and this device has never had it.
 * - `user-unknown`: the server does not say who is signed in, and the page has to know.
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

/** Messages from page to worker. */
export interface Request {
  stillhere: number;
  type: 'ask';
  /** Build id of the page's script. */
  build: string;
  payload: Ask;
}

/** Messages from worker to page, on the request's port. */
export type Reply =
  | { stillhere: number; type: 'ack'; build: string; payload: EngineSnapshot }
  | { stillhere: number; type: 'done'; build: string; payload: { outcome: Outcome; snapshot: EngineSnapshot } }
  | { stillhere: number; type: 'error'; build: string; payload: { code: ErrorCode } };

/**
 * The user was active `age` milliseconds ago. `asks`: the tab asks the engine now, the others wait.
 */
export interface ToldActivity {
  age: number;
  asks?: boolean;
}

/** Messages on the BroadcastChannel `stillhere:<name>`. */
export type ChannelMessage =
  | { stillhere: number; type: 'news'; payload: { snapshot: EngineSnapshot; facts: Fact[] } }
  /** Tab to tab. */
  | { stillhere: number; type: 'activity'; payload: ToldActivity }
  /** Tab to tab: look again at who is signed in (a pop-up has signed in). */
  | { stillhere: number; type: 'look'; payload: null };

type Fields = Record<string, unknown>;

/**
 * Whether `value` has every member of `sample`, of the same type. What is nothing in the sample
 * holds text or nothing; numbers are not negative; a function in the sample says so itself.
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
 * Whether a message is ours at all: an application's worker and its channels have messages of their
 * own.
 */
export const isOurs = (data: unknown): data is Fields => isLike(data, { stillhere: 0 });

/**
 * Whether these are durations that a page's options can be: neither their sum nor their triple
 * overflows.
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
 * The ask in a message to the worker, or `null` where it cannot be read or is of a version that
 * nobody here understands.
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

/** Whether `value` is a snapshot of the engine: all that a page reads of it is checked. */
export const isEngineSnapshot = (value: unknown): value is EngineSnapshot => isLike(value, SNAPSHOT);

/** Whether `data` is a message that has `head`, and the payload of its type. */
const isMessage = (data: unknown, head: object, payloads: [type: string, payload: unknown][]): data is Fields =>
  isLike(data, head) &&
  payloads.some(([type, payload]) => type === (data as Fields).type && isLike((data as Fields).payload, payload));

/** Whether `data` is a reply on a request's port. */
export const isReply = (data: unknown): data is Reply =>
  isMessage(data, { stillhere: 0, build: '' }, [
    ['ack', SNAPSHOT],
    ['done', { snapshot: SNAPSHOT }],
    ['error', { code: '' }],
  ]);

/** Whether `data` is a message on the channel. */
export const isChannelMessage = (data: unknown): data is ChannelMessage =>
  isMessage(data, { stillhere: 0 }, [
    ['news', { snapshot: SNAPSHOT, facts: Array.isArray }],
    ['activity', { age: 0 }],
    ['look', () => true],
  ]);
