// This file has the class in current JavaScript. The package's entry has it for browsers of 2017,
// at twice the size.
import { Workbox } from 'workbox-window/Workbox.js';

type Policy = { createScriptURL(url: string): string };
let policy: Policy | undefined;

/**
 * A Trusted Types policy with a name of its own, so that a page's CSP can allow it. A page can
 * create a policy of this name only once.
 */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
  policy ??= trustedTypes?.createPolicy('stillhere', { createScriptURL: (given) => given });
  return policy?.createScriptURL(url) ?? url;
}

/**
 * Registers the worker and waits until the registration has an active one. Uses the result of
 * `register()`, because `Workbox.getSW()` and `active` never settle if the scope does not cover the
 * page. This is a chunk of its own: a browser needs it only until a worker is installed.
 */
export async function installWorker(script: string, scope: string): Promise<ServiceWorkerRegistration> {
  const workbox = new Workbox(trusted(script), { scope });
  // `register()` returns nothing only if this `Workbox` has registered before.
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
