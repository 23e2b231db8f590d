import type { PUBLIC_COOKIE } from '../server/contract.js';
import type { EngineSettings } from '../sw/protocol.js';
import { DEFAULT_SETTINGS } from '../sw/protocol.js';
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

/** Without a page there is no origin to compare with: any will do. */
const base = (): string => (typeof location === 'undefined' ? 'http://localhost' : location.href);

const isText = (value: unknown): value is string => typeof value === 'string' && !!value;
const isAbove = (least: number) => (value: unknown) => typeof value === 'number' && value >= least && value < 2 ** 53;

function isUrl(value: unknown, isOwn = true): boolean {
  if (!isText(value) || !URL.canParse(value, base())) return false;
  const { origin, protocol } = new URL(value, base());
  return isOwn ? origin === new URL(base()).origin : /^https?:$/.test(protocol);
}

const OWN_URL = 'a path or URL of this origin';

/** The options that take the same, what they take, and whether a value is that. */
const TAKES: [options: string, takes: string, fits: (value: unknown) => boolean][] = [
  ['interval activeWindow minInterval requestTimeout', 'milliseconds above 0', isAbove(1)],
  ['activityResolution warnBefore', 'milliseconds, 0 or more', isAbove(0)],
  ['endpoint scope', OWN_URL, isUrl],
  ['statusEndpoint', `${OWN_URL}, or null`, (value) => value === null || isUrl(value)],
  ['worker', `${OWN_URL}, or false`, (value) => value === false || isUrl(value)],
  ['loginUrl', 'a path or URL, or null', (value) => value === null || isUrl(value, false)],
  ['name cookie', 'a string that is not empty', isText],
  ['activityEvents', 'an array of event types', (value) => Array.isArray(value) && value.every(isText)],
  [
    'session onRefreshed onExpired onSignedOut onSignedIn onUserChanged onEnding onConceal onError onEvent',
    'a function',
    (value) => typeof value === 'function',
  ],
];

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} naming the option and what it takes.
 */
export function resolveOptions(given: KeepaliveOptions = {}): ResolvedOptions {
  for (const [option, value] of Object.entries(given)) {
    const [, takes, fits] = TAKES.find(([options]) => options.split(' ').includes(option)) ?? [];
    if (!fits) throw new TypeError(`createKeepalive: there is no option ${option}`);
    if (value !== undefined && !fits(value)) throw new TypeError(`createKeepalive: ${option} takes ${takes}`);
  }
  const path = (url: string, beside = ''): string => {
    const { pathname, search } = new URL(url, new URL(beside, base()));
    return pathname + search;
  };
  const endpoint = path(given.endpoint ?? '/auth/heartbeat');
  const isOurs = endpoint.endsWith('/auth/heartbeat');
  const beside = (route: string) => (isOurs ? path(route, endpoint) : null);
  const {
    statusEndpoint = beside('session'),
    loginUrl = beside('login'),
    worker = path('stillhere-sw.js', endpoint),
    name = endpoint,
    cookie = 'stillhere-session' satisfies typeof PUBLIC_COOKIE,
    activityEvents = ACTIVITY_EVENTS,
    activityResolution = 5_000,
    session,
    scope,
  } = given;
  const settings = { ...DEFAULT_SETTINGS };
  for (const key of Object.keys(settings) as (keyof EngineSettings)[]) settings[key] = given[key] ?? settings[key];
  return {
    endpoint,
    statusEndpoint: statusEndpoint && path(statusEndpoint),
    loginUrl,
    session,
    worker: worker && path(worker),
    scope,
    name,
    cookie,
    cookieTells: isOurs || !!given.cookie,
    activityEvents,
    activityResolution,
    settings,
  };
}
