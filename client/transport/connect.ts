import { BUILD } from '../../sw/build.js';
import type { ErrorCode } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import type { Host, HostEvents } from './host.js';
import { postAsk } from './post-ask.js';
import { registerWorker } from './register-worker.js';

/** Connects the page to the engine in the worker or, if that fails, to an engine in the page. */
export function connect(options: ResolvedOptions, events: HostEvents): Host {
  const { onHost, onTrouble } = events;
  let registered: Promise<ServiceWorkerRegistration> | undefined;
  let page: Promise<Host['ask']> | undefined;
  const isWorkerless = !options.worker || !navigator.serviceWorker;
  let isInPage = isWorkerless;
  let isBuildKnown = false;

  /** Asks the registration's active worker. Rejects if the page should run the engine itself. */
  const inWorker: Host['ask'] = async (make, onSnapshot) => {
    registered ??= registerWorker(options);
    const registration = await registered;
    // The installation has failed, or a script has removed the registration.
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
            // The worker of a removed registration vanishes silently. It is looked up again, once.
            registered = undefined;
            isAgain = true;
          } else {
            // The error is the worker's own code, or an exception of the browser.
            const code = typeof error === 'string' ? (error as ErrorCode) : 'registration';
            // There is no error if only the chunk that installs the worker did not load.
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
        // The next ask requests the chunk and the worker again: the network may have been away.
        page = registered = undefined;
        isInPage = isWorkerless;
        return 'unavailable';
      }
    },
    async forget() {
      try {
        // The data is deleted first, because `registered` rejects if there is no worker.
        await (await import('../lazy/forget-stored.js')).forgetStored(options.name);
        await (await registered)?.unregister();
      } catch (error) {
        onTrouble('storage', error);
      }
    },
  };
}
