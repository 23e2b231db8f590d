import { BUILD } from '../../sw/build.js';
import type { ErrorCode } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import type { Host, HostEvents } from './host.js';
import { postAsk } from './post-ask.js';
import { registerWorker } from './register-worker.js';

/** The way to the engine: in the worker, and where that fails in this page. */
export function connect(options: ResolvedOptions, events: HostEvents): Host {
  const { onHost, onTrouble } = events;
  let registered: Promise<ServiceWorkerRegistration> | undefined;
  let page: Promise<Host['ask']> | undefined;
  const isWorkerless = !options.worker || !navigator.serviceWorker;
  let isInPage = isWorkerless;
  let isBuildKnown = false;

  /** Asks the registration's active worker. Rejects where the page should run the engine itself. */
  const inWorker: Host['ask'] = async (make, onSnapshot) => {
    registered ??= registerWorker(options);
    const registration = await registered;
    // An installation that failed, or a registration that somebody has removed.
    if (!registration.active) throw 'worker-silent';
    return postAsk(registration.active, make(), 2 * options.settings.requestTimeout + 10_000, (snapshot, build) => {
      onHost('worker');
      if (!isBuildKnown && build !== BUILD) onTrouble('build', registration);
      isBuildKnown = true;
      onSnapshot(snapshot);
    });
  };

  return {
    async ask(make, onSnapshot) {
      let isAgain = false;
      while (!isInPage) {
        try {
          return await inWorker(make, onSnapshot);
        } catch (error) {
          if (error === 'worker-silent' && !isAgain) {
            // The worker of a removed registration vanishes silently: it is looked up anew, once.
            registered = undefined;
            isAgain = true;
          } else {
            // The worker's own code, or what the browser throws.
            const code = typeof error === 'string' ? (error as ErrorCode) : 'registration';
            // Nothing is known to be wrong where the script that installs the worker did not load.
            if (error) onTrouble(code, code === 'protocol' ? await registered : error);
            if (error === 'storage') return 'unavailable';
            isInPage = true;
          }
        }
      }
      try {
        page ??= import('../lazy/page-engine.js').then(({ createPageHost }) => createPageHost(options, events));
        return await (await page)(make, onSnapshot);
      } catch {
        // A chunk that did not load is asked for again, and so is the worker: the network may have been away for both.
        page = registered = undefined;
        isInPage = isWorkerless;
        return 'unavailable';
      }
    },
    async forget() {
      try {
        // First: a worker that could not be registered rejects.
        await (await import('../lazy/forget-stored.js')).forgetStored(options.name);
        await (await registered)?.unregister();
      } catch (error) {
        onTrouble('storage', error);
      }
    },
  };
}
