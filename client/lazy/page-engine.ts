import { browserPorts } from '../../sw/adapters/browser-ports.js';
import { localLock } from '../../sw/adapters/local-lock.js';
import { createEngine } from '../../sw/engine.js';
import { sharedName } from '../../sw/names.js';
import type { ResolvedOptions } from '../options.js';
import type { Host, HostEvents } from '../transport/host.js';
import { unblockedStore } from './unblocked-store.js';

/** Runs the worker's engine in the page, for browsers in which no worker can run. */
export function createPageHost(options: ResolvedOptions, { onMessage, onTrouble, onHost }: HostEvents): Host['ask'] {
  const { name, endpoint, statusEndpoint } = options;
  // The browser would resolve a path against the page's `<base>`, which may be of another origin.
  const absolute = (path: string): string => new URL(path, location.href).href;
  const ports = browserPorts({
    name,
    endpoint: absolute(endpoint),
    statusEndpoint: statusEndpoint && absolute(statusEndpoint),
  });
  ports.store = unblockedStore(ports.store);
  if (!navigator.locks) ports.lock = localLock();
  // The page's channel receives what the engine's channel posts, though both are in one page. If
  // the browser gives no channel, the engine tells the page directly.
  try {
    new BroadcastChannel(sharedName(options.name)).close();
  } catch {
    ports.channel = { post: onMessage };
  }
  const engine = createEngine(ports, options.statusEndpoint !== null);
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
    if (effectiveDirective === 'connect-src') onTrouble('endpoint-blocked');
  });
  return async (make, onSnapshot) => {
    try {
      const { ack, done } = engine.ask(make());
      onHost('page');
      // Both promises have a handler from the start, because a broken store rejects both.
      const [, end] = await Promise.all([ack.then(onSnapshot), done]);
      onSnapshot(end.snapshot);
      return end.outcome;
    } catch (error) {
      onTrouble('storage', error);
      return 'unavailable';
    }
  };
}
