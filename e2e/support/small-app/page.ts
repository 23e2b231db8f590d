import { ACTIVITY_EVENTS } from '../../../client/activity/activity-events.js';
import { createKeepalive } from '../../../client/index.js';
import type { Keepalive, KeepaliveOptions } from '../../../client/types.js';
import type { Entry, Told } from './log.js';

/**
 * What a spec finds in the page. It lives in the page's memory, so that a page that was loaded anew
 * has lost it.
 */
interface SmallApp {
  keepalive: Keepalive;
  log: Entry[];
}

declare global {
  interface Window {
    smallApp: SmallApp;
  }
}

const root = document.documentElement;
const query = new URLSearchParams(location.search);
const log: Entry[] = [];
const isPrivateShown = (): boolean => root.dataset.concealed !== 'true';

const note =
  <C extends keyof Told>(callback: C) =>
  (value: Told[C]): void => {
    log.push({ at: Date.now(), callback, value });
    // For a log that is kept from outside.
    dispatchEvent(new CustomEvent('stillhere', { detail: { callback, value } }));
  };

const options: KeepaliveOptions = {
  interval: Number(query.get('interval') ?? 2_000),
  requestTimeout: Number(query.get('timeout') ?? 15_000),
  activeWindow: Number(query.get('activeWindow') ?? 3_000),
  minInterval: Number(query.get('minInterval') ?? 1_000),
  activityResolution: 500,
  warnBefore: Number(query.get('warnBefore') ?? 0),
  onRefreshed: note('onRefreshed'),
  onExpired: note('onExpired'),
  onSignedOut: note('onSignedOut'),
  onSignedIn: note('onSignedIn'),
  onUserChanged: note('onUserChanged'),
  onConceal(concealed) {
    root.dataset.concealed = String(concealed);
    note('onConceal')(concealed);
  },
  onError: ({ code, phase }) => note('onError')({ code, phase }),
  onEvent: note('onEvent'),
};
if (query.get('worker') === 'off') options.worker = false;
// As where every cookie is HttpOnly.
if (query.get('session') === 'unseen') options.session = () => undefined;
// The second application of the site, beside the first one.
if (query.get('app') === 'alone') {
  Object.assign(options, {
    endpoint: '/alone/heartbeat',
    statusEndpoint: '/alone/session',
    loginUrl: '/alone/login',
    cookie: 'stillhere-session-alone',
  } satisfies KeepaliveOptions);
}
// Of a backend that has the heartbeat and nothing else.
if (query.get('app') === 'one-route') options.endpoint = '/api/heartbeat';
// The same, where the route tells what is left too.
if (query.get('app') === 'status-route')
  Object.assign(options, { endpoint: '/api/heartbeat', statusEndpoint: '/api/heartbeat' } satisfies KeepaliveOptions);
const endpoint = query.get('endpoint');
if (endpoint) options.endpoint = endpoint;
const name = query.get('name');
if (name) options.name = name;
const without = query.get('without');
if (without) options.activityEvents = ACTIVITY_EVENTS.filter((type) => type !== without);
const keepalive = createKeepalive(options);
window.smallApp = { keepalive, log };
keepalive.subscribe(() => {
  const status = document.getElementById('kept-status');
  if (status) status.dataset.status = keepalive.snapshot().status;
});
if (query.get('start') !== 'later') keepalive.start();

// After the keepalive's own listeners: what is written here is what the user is about to see.
addEventListener('pageshow', ({ persisted }) => note('pageshow')({ persisted, shown: isPrivateShown() }));
document.addEventListener('freeze', () => {
  note('freeze')(null);
  // It can run no sooner than when the page is back.
  requestAnimationFrame(() => note('firstFrame')({ shown: isPrivateShown() }));
});
document.addEventListener('resume', () => note('resume')(null));
document.addEventListener('visibilitychange', () => note('visibility')(document.visibilityState));

// A page that came back tells the server so: a driver may not find it again.
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  let last = '';
  const tell = (): void => {
    const { status } = keepalive.snapshot();
    if (status === last) return;
    last = status;
    void fetch(`/small/returned?${new URLSearchParams({ status, shown: String(isPrivateShown()) })}`);
  };
  tell();
  keepalive.subscribe(tell);
});

// Nothing but this tells the server that a prerendered page runs.
if ('prerendering' in document && document.prerendering) void fetch('/small/prerendered');
