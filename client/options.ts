import type { PUBLIC_COOKIE } from '../server/contract.js';
import type { EngineSettings } from '../sw/protocol.js';
import { DEFAULT_SETTINGS, isLike } from '../sw/protocol.js';
import { ACTIVITY_EVENTS } from './activity/activity-events.js';
import type { KeepaliveOptions } from './types.js';

/**
 * The options with their defaults, as the rest of the page's code reads them. The URLs of the
 * endpoints are paths of this origin.
 */
export interface ResolvedOptions extends Pick<KeepaliveOptions, 'session' | 'renderedFor' | 'scope'> {
  endpoint: string;
  statusEndpoint: string | null;
  loginUrl: string | null;
  worker: string | false;
  name: string;
  cookie: string;
  /**
   * The server is expected to set the readable cookie: the endpoint's path or an option says so.
   */
  expectsCookie: boolean;
  activityEvents: readonly string[];
  activityResolution: number;
  settings: EngineSettings;
}

/** Without a page there is no origin to compare with, so every origin is accepted. */
const base = (): string => globalThis.location?.href ?? 'http://localhost';

const isText = (value: unknown): value is string => typeof value === 'string' && !!value;
const isAbove = (least: number) => (value: unknown) => typeof value === 'number' && value >= least && value < 2 ** 53;
const urlOf = (value: unknown): URL | null =>
  isText(value) && URL.canParse(value, base()) ? new URL(value, base()) : null;
const isOwnUrl = (value: unknown): boolean => urlOf(value)?.origin === urlOf(base())?.origin;

const OWN_URL = 'a path or URL of this origin';

/** Options of the same kind, the values that they take in words, and the check for such a value. */
const TAKES: [options: string, takes: string, fits: (value: unknown) => boolean][] = [
  ['interval activeWindow minInterval requestTimeout', 'milliseconds above 0', isAbove(1)],
  ['activityResolution warnBefore', 'milliseconds, 0 or more', isAbove(0)],
  ['endpoint scope', OWN_URL, isOwnUrl],
  ['statusEndpoint', `${OWN_URL}, or null`, (value) => value === null || isOwnUrl(value)],
  ['worker', `${OWN_URL}, or false`, (value) => value === false || isOwnUrl(value)],
  ['loginUrl', 'a path or URL, or null', (value) => value === null || /^https?:$/.test(urlOf(value)?.protocol ?? '')],
  ['name cookie', 'a string that is not empty', isText],
  ['renderedFor', 'text, null or a function', (value) => isLike(value, null) || typeof value === 'function'],
  ['activityEvents', 'an array of event types', (value) => Array.isArray(value) && value.every(isText)],
  [
    'session onRefreshed onExpired onSignedOut onSignedIn onUserChanged onEnding onConceal onError onEvent',
    'a function',
    (value) => typeof value === 'function',
  ],
];

/** Tells if `option` is given and has a valid value. */
function isGiven([option, value]: [string, unknown]): boolean {
  const [, takes, fits] = TAKES.find(([options]) => options.split(' ').includes(option)) ?? [];
  if (!fits) throw new TypeError(`createKeepalive: there is no option ${option}`);
  if (value !== undefined && !fits(value)) throw new TypeError(`createKeepalive: ${option} takes ${takes}`);
  return value !== undefined;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} naming the option and what it takes.
 */
export function resolveOptions(options: KeepaliveOptions = {}): ResolvedOptions {
  const given: KeepaliveOptions = Object.fromEntries(Object.entries(options).filter(isGiven));
  const path = (url: string, beside = ''): string => {
    const { pathname, search } = new URL(url, new URL(beside, base()));
    return pathname + search;
  };
  const endpoint = path(given.endpoint ?? '/auth/heartbeat');
  const isOurs = endpoint.endsWith('/auth/heartbeat');
  const beside = (route: string) => (isOurs ? path(route, endpoint) : null);
  const resolved = {
    statusEndpoint: beside('session'),
    loginUrl: beside('login'),
    worker: path('stillhere-sw.js', endpoint),
    name: endpoint,
    cookie: 'stillhere-session' satisfies typeof PUBLIC_COOKIE,
    expectsCookie: !given.session && (isOurs || !!given.cookie),
    activityEvents: ACTIVITY_EVENTS,
    activityResolution: 5_000,
    ...DEFAULT_SETTINGS,
    ...given,
    endpoint,
  };
  const { statusEndpoint, worker, interval, activeWindow, minInterval, requestTimeout, warnBefore } = resolved;
  return {
    ...resolved,
    statusEndpoint: statusEndpoint && path(statusEndpoint),
    worker: worker && path(worker),
    settings: { interval, activeWindow, minInterval, requestTimeout, warnBefore },
  };
}
