// The class alone, in today's JavaScript: the package's entry brings the same for browsers of 2017, at twice the size.
import { Workbox } from 'workbox-window/Workbox.js';
import type { ResolvedOptions } from '../options.js';
import { workerPlace } from './worker-place.js';

/** How long a first install may take before the page runs the engine itself. */
const INSTALL_TIMEOUT = 10_000;

type Policy = { createScriptURL(url: string): string };
let policy: Policy | undefined;

/** A Trusted Types policy of our own name, so that a page's CSP can allow it. The name can be taken only once. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
  policy ??= trustedTypes?.createPolicy('stillhere', { createScriptURL: (given) => given });
  return policy?.createScriptURL(url) ?? url;
}

/**
 * Registers the worker, or finds the registration that there is, and waits until it has an active worker. Uses what `register()` returns:
 * at a scope that does not cover the page, `Workbox.getSW()` and `active` never settle.
 */
async function install(options: ResolvedOptions): Promise<ServiceWorkerRegistration> {
  const { script, scope } = workerPlace(options);
  const workbox = new Workbox(trusted(script), { scope });
  // Nothing comes only of a `Workbox` that has registered before.
  const registration = (await workbox.register({ immediate: true })) as ServiceWorkerRegistration;
  const coming = registration.installing ?? registration.waiting;
  if (!registration.active && coming)
    await new Promise<void>((resolve) => {
      coming.onstatechange = () => {
        if (registration.active || coming.state === 'redundant') resolve();
      };
    });
  return registration;
}

/** The same, in time: the request for the script may hang as well as the installation. */
export const registerWorker = (options: ResolvedOptions): Promise<ServiceWorkerRegistration> =>
  new Promise((resolve, reject) => {
    setTimeout(reject, INSTALL_TIMEOUT, new Error('no active worker'));
    install(options).then(resolve, reject);
  });
