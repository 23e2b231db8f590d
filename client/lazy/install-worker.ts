// The class alone, in today's JavaScript: the package's entry brings the same for browsers of 2017, at twice the size.
import { Workbox } from 'workbox-window/Workbox.js';

type Policy = { createScriptURL(url: string): string };
let policy: Policy | undefined;

/** A Trusted Types policy of our own name, so that a page's CSP can allow it. The name can be taken only once. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
  policy ??= trustedTypes?.createPolicy('stillhere', { createScriptURL: (given) => given });
  return policy?.createScriptURL(url) ?? url;
}

/**
 * Registers the worker and waits until it has an active one. Uses what `register()` returns: at a scope that does not cover the page,
 * `Workbox.getSW()` and `active` never settle. A chunk of its own: a browser needs it once, until a worker is installed.
 */
export async function installWorker(script: string, scope: string): Promise<ServiceWorkerRegistration> {
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
