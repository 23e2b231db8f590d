import type { ResolvedOptions } from '../options.js';
import type { Host, HostEvents } from './host.js';

/** The way to the engine: in the worker, and where that fails in this page. Its `ask` does not reject. */
export function connect(options: ResolvedOptions, events: HostEvents): Required<Host> {
  let worker: Promise<Host> | undefined;
  let page: Promise<Host> | undefined;
  let why = options.worker ? 'not supported' : 'worker: false';
  let isInPage = !options.worker || !navigator.serviceWorker;

  const inWorker = () =>
    (worker ??= import('./worker-host.js').then(({ createWorkerHost }) => createWorkerHost(options, events)));
  const inPage = () =>
    (page ??= import('./page-host.js').then(({ createPageHost }) => {
      events.onHost('page', why);
      return createPageHost(options, events);
    }));

  return {
    async ask(make, onSnapshot) {
      try {
        if (!isInPage) {
          const host = await inWorker();
          try {
            return await host.ask(make, onSnapshot);
          } catch (error) {
            isInPage = true;
            why = String(error);
          }
        }
        return await (await inPage()).ask(make, onSnapshot);
      } catch {
        // A chunk that did not load is asked for again.
        worker = page = undefined;
        return 'unavailable';
      }
    },
    async forget() {
      try {
        await (await worker)?.forget?.();
        await (await import('./forget-stored.js')).forgetStored(options.name);
      } catch (error) {
        events.onError('storage', error);
      }
    },
  };
}
