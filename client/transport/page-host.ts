import { browserPorts } from '../../sw/adapters/browser-ports.js';
import { createEngine } from '../../sw/engine.js';
import type { ResolvedOptions } from '../options.js';
import type { Host, HostEvents } from './host.js';

/** The worker's engine in the page, for browsers where no worker can run. */
export function createPageHost(options: ResolvedOptions, { onMessage, onError }: HostEvents): Host {
  // The page's channel hears what the engine's posts, though they share the page: it is told directly where there are no channels.
  const ports = browserPorts(options, typeof BroadcastChannel === 'undefined' ? onMessage : undefined);
  const engine = createEngine(ports, { checkable: options.statusEndpoint !== null });
  return {
    async ask(make, onSnapshot) {
      try {
        const { ack, done } = engine.ask(make());
        // Both are held from the start: a broken store rejects both.
        const [, end] = await Promise.all([ack.then(onSnapshot), done]);
        onSnapshot(end.snapshot);
        return end.outcome;
      } catch (error) {
        onError('storage', error);
        return 'unavailable';
      }
    },
  };
}
