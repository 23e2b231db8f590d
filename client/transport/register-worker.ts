import type { ResolvedOptions } from '../options.js';
import { workerPlace } from './worker-place.js';

/** The milliseconds that a first installation may take before the page runs the engine itself. */
const INSTALL_TIMEOUT_MS = 10_000;

/**
 * Finds the registration, or makes one. `register()` would change nothing for a registration of the
 * same script and scope, and would ask for no update (Service Workers, "Register").
 */
async function findOrInstall(options: ResolvedOptions): Promise<ServiceWorkerRegistration> {
  const { script, scope } = workerPlace(options);
  const found = await navigator.serviceWorker.getRegistration(scope).catch(() => undefined);
  // The browser also finds a registration of a wider scope.
  if (found?.active?.scriptURL === script && found.scope === scope) return found;
  const { installWorker } = await import('../lazy/install-worker.js').catch(() => {
    // The network may be away. That is no fault of the worker.
    throw undefined;
  });
  return installWorker(script, scope);
}

/**
 * Finds or makes the registration within the time limit. Both the request for the script and the
 * installation may hang.
 */
export const registerWorker = (options: ResolvedOptions): Promise<ServiceWorkerRegistration> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(reject, INSTALL_TIMEOUT_MS, new Error('no active worker'));
    findOrInstall(options)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
