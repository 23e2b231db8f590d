import type { PUBLIC_COOKIE } from '../server/contract.js';
import type { EngineSettings } from '../sw/protocol.js';
import { ACTIVITY_EVENTS } from './activity/activity-events.js';
import type { KeepaliveOptions } from './types.js';

/** The options with their defaults: what the rest of the page's code reads. URLs of the endpoints are paths of this origin. */
export interface ResolvedOptions {
  endpoint: string;
  statusEndpoint: string | null;
  loginUrl: string | null;
  session: KeepaliveOptions['session'];
  worker: string | false;
  scope: string | undefined;
  name: string;
  cookie: string;
  /** Whether the server sets the readable cookie, so that its absence means signed out. */
  cookieTells: boolean;
  activityEvents: readonly string[];
  activityResolution: number;
  settings: EngineSettings;
}

/** What each option takes, and the options that take it. */
const TAKES: [takes: string, options: string, fits: (value: unknown) => boolean][] = [
  [
    'a function',
    'session onRefreshed onExpired onSignedOut onSignedIn onUserChanged onEnding onConceal onError onEvent',
    (value) => typeof value === 'function',
  ],
  [
    'milliseconds above 0',
    'interval activeWindow minInterval requestTimeout',
    (value) => isDuration(value) && value > 0,
  ],
  ['milliseconds, 0 or more', 'activityResolution warnBefore', (value) => isDuration(value)],
  ['a string that is not empty', 'name cookie', isText],
  ['a path or URL of this origin', 'endpoint scope', isOwnUrl],
  ['a path or URL of this origin, or null', 'statusEndpoint', (value) => value === null || isOwnUrl(value)],
  ['a path or URL of this origin, or false', 'worker', (value) => value === false || isOwnUrl(value)],
  ['a path or URL, or null', 'loginUrl', (value) => value === null || /^https?:$/.test(`${urlOf(value)?.protocol}`)],
  ['an array of event types', 'activityEvents', (value) => Array.isArray(value) && value.every(isText)],
];

const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 2 ** 53;

function isText(value: unknown): value is string {
  return typeof value === 'string' && !!value;
}

/** Without a page there is no origin to compare with: any will do. */
const base = (): string => (typeof location === 'undefined' ? 'http://localhost' : location.href);

const urlOf = (value: unknown): URL | null =>
  isText(value) && URL.canParse(value, base()) ? new URL(value, base()) : null;

function isOwnUrl(value: unknown): boolean {
  return urlOf(value)?.origin === new URL(base()).origin;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} naming the option and what it takes.
 */
export function resolveOptions(given: KeepaliveOptions = {}): ResolvedOptions {
  for (const [option, value] of Object.entries(given)) {
    const [takes, , fits] = TAKES.find(([, options]) => options.split(' ').includes(option)) ?? [];
    if (!fits) throw new TypeError(`createKeepalive: there is no option ${option}`);
    if (value !== undefined && !fits(value)) throw new TypeError(`createKeepalive: ${option} takes ${takes}`);
  }
  const path = (url: string, beside?: string): string => {
    const { pathname, search } = new URL(url, new URL(beside ?? '', base()));
    return pathname + search;
  };
  const endpoint = path(given.endpoint ?? '/auth/heartbeat');
  const ours = endpoint.endsWith('/auth/heartbeat');
  const { statusEndpoint = ours ? path('session', endpoint) : null, worker = path('stillhere-sw.js', endpoint) } =
    given;
  return {
    endpoint,
    statusEndpoint: statusEndpoint && path(statusEndpoint),
    loginUrl: given.loginUrl === undefined ? (ours ? path('login', endpoint) : null) : given.loginUrl,
    session: given.session,
    worker: worker && path(worker),
    scope: given.scope,
    name: given.name ?? endpoint,
    cookie: given.cookie ?? ('stillhere-session' satisfies typeof PUBLIC_COOKIE),
    cookieTells: ours || given.cookie !== undefined,
    activityEvents: given.activityEvents ?? ACTIVITY_EVENTS,
    activityResolution: given.activityResolution ?? 5_000,
    settings: {
      interval: given.interval ?? 300_000,
      activeWindow: given.activeWindow ?? 120_000,
      minInterval: given.minInterval ?? 5_000,
      requestTimeout: given.requestTimeout ?? 15_000,
      warnBefore: given.warnBefore ?? 60_000,
    },
  };
}
