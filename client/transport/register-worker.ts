import type { ResolvedOptions } from '../options.js';
import { workerPlace } from './worker-place.js';

/** How long a first install may take before the page runs the engine itself. */
const INSTALL_TIMEOUT_MS = 10_000;

/**
 * Finds the registration that there is, or makes it. For a registration of the same script and scope `register()` would change nothing,
 * and ask for no update (Service Workers, "Register").
 */
async function findOrInstall(options: ResolvedOptions): Promise<ServiceWorkerRegistration> {
  const { script, scope } = workerPlace(options);
  const found = await navigator.serviceWorker.getRegistration(scope).catch(() => undefined);
  // The browser also finds a registration of a wider scope.
  if (found?.active?.scriptURL === script && found.scope === scope) return found;
  const { installWorker } = await import('../lazy/install-worker.js').catch(() => {
    // The network may be away: that is no mistake of the worker's.
    throw undefined;
  });
  return installWorker(script, scope);
}

/** The same, in time: the request for the script may hang as well as the installation. */
export const registerWorker = (options: ResolvedOptions): Promise<ServiceWorkerRegistration> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(reject, INSTALL_TIMEOUT_MS, new Error('no active worker'));
    findOrInstall(options)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
