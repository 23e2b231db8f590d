import type { AskKind, Outcome } from '../sw/protocol.js';
import { quietly } from './activity/is-activity.js';
import { type ResolvedOptions, resolveOptions } from './options.js';
import { callbacksOf, nothingTold } from './state/callbacks-of.js';
import { UNKNOWN } from './state/page-snapshot.js';
import { startTab } from './tab.js';
import type { Call, Callbacks, Tab, TabListener } from './tab-types.js';
import type { Keepalive, KeepaliveOptions } from './types.js';

interface Shared {
  endpoint: string;
  tab: Tab | undefined;
}

const shared = new Map<string, Shared>();

/** All instances of one name in a page share one tab, and with it one engine. */
function share({ name, endpoint }: ResolvedOptions): Shared {
  const entry = shared.get(name) ?? { endpoint, tab: undefined };
  if (entry.endpoint !== endpoint) {
    throw new TypeError(
      `createKeepalive: endpoint takes ${entry.endpoint} under the name ${name}; give another endpoint another name`,
    );
  }
  shared.set(name, entry);
  return entry;
}

/**
 * Keeps a signed-in session alive while its user is really there, and tells the page when it is
 * over. Nothing runs before `start()`. Without a `window`, or in a page without an origin, nothing
 * runs at all and the snapshot stays `unknown`.
 *
 * @throws {TypeError} if an option is wrong. The message names the option and the values that it
 * takes.
 * @example
 * const keepalive = createKeepalive({ onExpired: () => showLogin() });
 * keepalive.start();
 */
export function createKeepalive(options: KeepaliveOptions = {}): Keepalive {
  const resolved = resolveOptions(options);
  // A sandboxed frame may have no origin, and then no cookies, workers and storage: using one
  // throws.
  const entry = globalThis.window?.document && window.origin !== 'null' && share(resolved);
  const callbacks: Callbacks = options;
  const listeners = new Set<() => void>();
  const told = nothingTold();
  const observing = new Map<EventTarget, (() => void) | undefined>();
  let snapshot = UNKNOWN;
  /** Outlives a restart: `stop()` and `start()` do not uncover the page. */
  let isConcealed = false;
  /** There is another session, and the server does not name its user. */
  let isHeld = false;
  /** The page's tab, while this instance is started. */
  let tab: Tab | undefined;

  // biome-ignore lint/suspicious/noConsole: the last resort if there is no `onError`, or it throws.
  const lastly = (error: unknown): void => console.error(error);

  /** Tells `onError` of an exception that the application has thrown. It changes nothing else. */
  function fail(error: unknown): void {
    if (options.onError)
      import('./lazy/keepalive-error.js')
        .then(({ keepaliveError }) => call('onError', keepaliveError('callback', error)))
        .catch(lastly);
    else lastly(error);
  }

  function guarded(run: () => void, onThrow = fail): void {
    try {
      quietly(run);
    } catch (error) {
      onThrow(error);
    }
  }

  const call: Call = (name, value) => {
    if (name === 'onConceal') {
      if (value === isConcealed || isHeld > value) return;
      isConcealed = !!value;
    }
    guarded(() => callbacks[name]?.(value), name === 'onError' ? lastly : fail);
  };

  const own: TabListener = {
    hears: !!options.onEvent,
    call,
    onChange(next, hadSession, owner) {
      const isChanged = next !== snapshot;
      snapshot = next;
      if (next.epoch && hadSession !== null)
        for (const name of callbacksOf(told, next, hadSession, owner)) {
          // The page may not be this user's, and no answer can tell. Only a new page is uncovered.
          isHeld ||= name === 'onUserChanged' && !next.user;
          if (isHeld) call('onConceal', true);
          call(name, next);
        }
      if (isChanged) for (const listener of [...listeners]) guarded(listener);
    },
  };

  const ask = async (kind: AskKind): Promise<Outcome> => tab?.ask(kind) ?? 'unavailable';

  const keepalive: Keepalive = {
    start() {
      if (!entry || tab) return;
      entry.tab ??= startTab(resolved);
      tab = entry.tab;
      for (const target of observing.keys()) observing.set(target, tab.observe(target));
      tab.add(own);
    },
    async stop({ forget = false } = {}) {
      const left = tab;
      tab = undefined;
      // Other instances may go on.
      for (const undo of observing.values()) undo?.();
      if (!entry || !left || left.remove(own)) return;
      entry.tab = undefined;
      await left.stop(forget);
    },
    snapshot: () => snapshot,
    subscribe(listener) {
      const subscribed = (): void => listener();
      listeners.add(subscribed);
      return () => listeners.delete(subscribed);
    },
    extend: () => ask('extend'),
    check: () => ask('check'),
    unauthorized: () => ask('unauthorized'),
    signedIn: () => ask('signed-in'),
    async signedOut() {
      await ask('signed-out');
    },
    async signIn(how = {}) {
      if (!entry) return 'unavailable';
      const before = snapshot;
      // The pop-up is opened before anything is awaited: browsers block one that no click has
      // opened.
      const popup = how.popup && window.open('', 'stillhere-sign-in', 'popup,width=480,height=640');
      const { signIn } = await import('./lazy/sign-in.js').catch((error) => {
        if (popup) popup.close();
        throw error;
      });
      return signIn(resolved, how, popup, before, keepalive, () => tab?.look());
    },
    touch: () => tab?.touch(),
    observe(target) {
      // The target is kept for the next start.
      observing.set(target, tab?.observe(target));
      return () => {
        observing.get(target)?.();
        observing.delete(target);
      };
    },
  };
  return keepalive;
}
