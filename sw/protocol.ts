/**
 * What pages and worker say to each other: types, constants and guards, no imports but the contract's types.
 * A page posts a `Request` with a port; the worker answers on the port, first `ack` (at once), then `done` (only where an outcome was
 * asked for). News go to all tabs on the BroadcastChannel.
 */
import type { EndReason } from '../server/contract.js';

/** Version of the wire between page and worker. A worker understands this one and the one before. */
export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL_VERSION = 1;

export type Status = 'unknown' | 'active' | 'expired' | 'signed-out';

/** `n` grows at every change of status or session; `store` is a random id of this storage: numbers of two stores do not compare. */
export interface Epoch {
  store: string;
  n: number;
}

/** How an ask ended: what `extend()`, `check()`, `unauthorized()` and `signedIn()` resolve to. */
export type Outcome = 'alive' | 'ended' | 'unavailable' | 'offline';

/** What the engine knows, as every page sees it. Instants are milliseconds since the epoch on this device's clock. */
export interface EngineSnapshot {
  status: Status;
  reason: EndReason | null;
  epoch: Epoch;
  sessionId: string | null;
  user: string | null;
  /** The session that ended here last. */
  endedSessionId: string | null;
  /** Before this instant there is nothing to do; `null` while no activity can cause a beat. */
  wakeAt: number | null;
  /** An ask waits for `wakeAt`: the page that asked comes back then. */
  wanted: boolean;
  /** The latest activity that a confirmed beat reported. */
  reportedActivityAt: number | null;
  lastBeatAt: number | null;
  accessTokenExpiresAt: number | null;
  idleExpiresAt: number | null;
  absoluteExpiresAt: number | null;
  /** The server's idle limit in milliseconds. */
  idleTimeout: number | null;
  /** Whether all tabs share this engine's state. */
  shared: boolean;
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

/** One ping of a page. Facts only, never a secret. */
export interface Ask {
  kind: AskKind;
  /** Random id of the page, for the timeline and to tell pages apart. */
  tab: string;
  /** The session as the page sees it now: an id, `null` for signed out, `undefined` for unknown. */
  seen?: string | null | undefined;
  /** Whether the page is visible. */
  visible: boolean;
  /** Milliseconds since the latest user activity that this page knows of, in any tab; `null` for none. */
  activityAge: number | null;
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

/** What happened, for `onEvent` and the timeline. `at` is milliseconds since the epoch. */
export type EngineEvent =
  | { type: 'ping'; at: number; tab: string; ask: AskKind }
  | { type: 'skip'; at: number; tab: string; ask: AskKind; reason: SkipReason; until: number | null }
  | { type: 'beat'; at: number; ask: AskKind; activity: 'user' | 'none'; idleMs: number }
  | { type: 'check'; at: number; ask: AskKind }
  | { type: 'answer'; at: number; took: number; outcome: Outcome; code: string; refreshed: boolean; stale: boolean }
  | { type: 'end'; at: number; status: 'expired' | 'signed-out'; reason: EndReason | null }
  | { type: 'session'; at: number; sessionId: string | null; userChanged: boolean }
  | { type: 'worker'; at: number; build: string; instance: string }
  | { type: 'storage'; at: number; problem: 'rebuilt' | 'newer' | 'unavailable' };

/** Codes of failures that a page is told of through `onError`. */
export const ERROR_CODES = [
  'endpoint-missing',
  'endpoint-forbidden',
  'endpoint-method',
  'endpoint-html',
  'endpoint-redirect',
  'endpoint-invalid',
  'endpoint-refused',
  'worker-missing',
  'worker-html',
  'worker-scope',
  'worker-build',
  'worker-blocked',
  'worker-silent',
  'protocol',
  'storage',
  'session-option',
  'callback',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

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
  | { stillhere: number; type: 'error'; build: string; payload: { code: ErrorCode; message: string } };

/** Messages on the BroadcastChannel `stillhere:<name>`. */
export type ChannelMessage =
  | { stillhere: number; type: 'news'; payload: { snapshot: EngineSnapshot; events: EngineEvent[]; error?: ErrorCode } }
  /** Tab to tab: the user was active `age` milliseconds ago. */
  | { stillhere: number; type: 'activity'; payload: { tab: string; age: number } }
  /** Tab to tab: look again at who is signed in (a pop-up has signed in). */
  | { stillhere: number; type: 'look'; payload: null };

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 2 ** 53;
const isInstant = (value: unknown): boolean => value === null || (typeof value === 'number' && Number.isFinite(value));
const isName = (value: unknown): boolean => value === null || (typeof value === 'string' && value.length <= 256);

function isSettings(value: unknown): value is EngineSettings {
  return (
    isFields(value) &&
    ['interval', 'activeWindow', 'minInterval', 'requestTimeout', 'warnBefore'].every((key) => isDuration(value[key]))
  );
}

/** Whether `value` is an ask of a page. */
export function isAsk(value: unknown): value is Ask {
  return (
    isFields(value) &&
    (ASKS as readonly unknown[]).includes(value.kind) &&
    typeof value.tab === 'string' &&
    value.tab.length <= 64 &&
    (value.seen === undefined || isName(value.seen)) &&
    typeof value.visible === 'boolean' &&
    typeof value.online === 'boolean' &&
    (value.activityAge === null || isDuration(value.activityAge)) &&
    (value.settings === undefined || isSettings(value.settings))
  );
}

const speaks = (value: unknown): value is Fields =>
  isFields(value) && typeof value.stillhere === 'number' && Number.isInteger(value.stillhere);

/**
 * What a message to the worker is: a request, not ours at all (leave it alone: an application's worker has messages of its own), or ours
 * but unreadable (answer with an error).
 */
export function readRequest(
  data: unknown,
): { kind: 'ask'; ask: Ask; build: string } | { kind: 'foreign' | 'unreadable' | 'version' } {
  if (!speaks(data)) return { kind: 'foreign' };
  const version = data.stillhere as number;
  if (version < OLDEST_PROTOCOL_VERSION || version > PROTOCOL_VERSION) return { kind: 'version' };
  if (data.type !== 'ask' || typeof data.build !== 'string' || !isAsk(data.payload)) return { kind: 'unreadable' };
  return { kind: 'ask', ask: data.payload, build: data.build };
}

/** Whether `value` is a snapshot of the engine. */
export function isEngineSnapshot(value: unknown): value is EngineSnapshot {
  if (!isFields(value) || !isFields(value.epoch)) return false;
  const { status, epoch } = value;
  return (
    (status === 'unknown' || status === 'active' || status === 'expired' || status === 'signed-out') &&
    typeof epoch.store === 'string' &&
    isDuration(epoch.n) &&
    [value.reason, value.sessionId, value.user, value.endedSessionId].every(isName) &&
    [
      value.wakeAt,
      value.reportedActivityAt,
      value.lastBeatAt,
      value.accessTokenExpiresAt,
      value.idleExpiresAt,
      value.absoluteExpiresAt,
      value.idleTimeout,
    ].every(isInstant) &&
    typeof value.wanted === 'boolean' &&
    typeof value.shared === 'boolean'
  );
}

/** A reply on a request's port, or `null` where it is not one. */
export function readReply(data: unknown): Reply | null {
  if (!speaks(data) || typeof data.build !== 'string' || !isFields(data.payload)) return null;
  const { type, payload } = data;
  if (type === 'ack') return isEngineSnapshot(payload) ? (data as Fields & Reply) : null;
  if (type === 'done') return isEngineSnapshot(payload.snapshot) ? (data as Fields & Reply) : null;
  return type === 'error' && typeof payload.code === 'string' ? (data as Fields & Reply) : null;
}

/** A message on the channel, or `null` where it is not one. */
export function readChannelMessage(data: unknown): ChannelMessage | null {
  if (!speaks(data)) return null;
  const { type, payload } = data;
  if (type === 'look') return data as Fields & ChannelMessage;
  if (!isFields(payload)) return null;
  if (type === 'news')
    return isEngineSnapshot(payload.snapshot) && Array.isArray(payload.events)
      ? (data as Fields & ChannelMessage)
      : null;
  return type === 'activity' && typeof payload.tab === 'string' && isDuration(payload.age)
    ? (data as Fields & ChannelMessage)
    : null;
}
