import { PUBLIC_COOKIE } from '../server/contract.js';
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
  activityEvents: readonly string[];
  activityResolution: number;
  settings: EngineSettings;
}

const URL_KIND = 'a path or URL of this origin';
const TEXT = 'a string that is not empty';
const POSITIVE = 'milliseconds above 0';
const DURATION = 'milliseconds, 0 or more';
const CALL = 'a function';
const EVENTS = 'an array of event types';

const TAKES: Record<keyof KeepaliveOptions, string> = {
  endpoint: URL_KIND,
  statusEndpoint: `${URL_KIND}, or null`,
  loginUrl: 'a path or URL, or null',
  session: CALL,
  worker: `${URL_KIND}, or false`,
  scope: URL_KIND,
  name: TEXT,
  cookie: TEXT,
  activityEvents: EVENTS,
  interval: POSITIVE,
  activeWindow: POSITIVE,
  minInterval: POSITIVE,
  activityResolution: DURATION,
  requestTimeout: POSITIVE,
  warnBefore: DURATION,
  onRefreshed: CALL,
  onExpired: CALL,
  onSignedOut: CALL,
  onSignedIn: CALL,
  onUserChanged: CALL,
  onEnding: CALL,
  onConceal: CALL,
  onError: CALL,
  onEvent: CALL,
};

function fits(takes: string, value: unknown): boolean {
  if (takes === CALL) return typeof value === 'function';
  if (takes === EVENTS) return Array.isArray(value) && value.every((type) => typeof type === 'string');
  if (takes === POSITIVE || takes === DURATION)
    return typeof value === 'number' && value < 2 ** 53 && (takes === POSITIVE ? value > 0 : value >= 0);
  if (value === null || value === false) return takes.endsWith(String(value));
  if (typeof value !== 'string' || !value) return false;
  // Without a page there is no origin to compare with: the browser's own call will.
  if (typeof location === 'undefined' || takes === TEXT) return true;
  const url = URL.canParse(value, location.href) && new URL(value, location.href);
  return !!url && (takes.startsWith(URL_KIND) ? url.origin === location.origin : /^https?:$/.test(url.protocol));
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} naming the option and what it takes.
 */
export function resolveOptions(given: KeepaliveOptions = {}): ResolvedOptions {
  for (const [option, value] of Object.entries(given)) {
    const takes = TAKES[option as keyof KeepaliveOptions];
    if (!takes) throw new TypeError(`createKeepalive: there is no option ${option}`);
    if (value !== undefined && !fits(takes, value)) throw new TypeError(`createKeepalive: ${option} takes ${takes}`);
  }
  const base = typeof location === 'undefined' ? 'http://localhost' : location.href;
  const path = (url: string): string => {
    const { pathname, search } = new URL(url, base);
    return pathname + search;
  };
  const endpoint = path(given.endpoint ?? '/auth/heartbeat');
  const beside = (file: string): string => path(new URL(file, new URL(endpoint, base)).href);
  const ours = endpoint.endsWith('/auth/heartbeat');
  const { statusEndpoint = ours ? beside('session') : null, worker = beside('stillhere-sw.js') } = given;
  return {
    endpoint,
    statusEndpoint: statusEndpoint && path(statusEndpoint),
    loginUrl: given.loginUrl === undefined ? (ours ? beside('login') : null) : given.loginUrl,
    session: given.session,
    worker: worker && path(worker),
    scope: given.scope,
    name: given.name ?? endpoint,
    cookie: given.cookie ?? PUBLIC_COOKIE,
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
