import { Workbox } from 'workbox-window';
import type { ResolvedOptions } from '../options.js';

/** How long a first install may take before the page runs the engine itself. */
const INSTALL_TIMEOUT = 10_000;

type Policy = { createScriptURL(url: string): string };
let policy: Policy | undefined;

/** A Trusted Types policy of our own name, so that a page's CSP can allow it. The name can be taken only once. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as {
    trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
  };
  policy ??= trustedTypes?.createPolicy('stillhere', { createScriptURL: (given) => given });
  return policy ? policy.createScriptURL(url) : url;
}

/**
 * The worker's script and scope. Without a `scope` it is the ready-made worker, which learns its address from its URL and lives at a scope
 * that contains no page; with one it is the application's own, used as it is.
 */
export function workerPlace({ worker, scope, name, endpoint, statusEndpoint }: ResolvedOptions): {
  script: string;
  scope: string;
} {
  const url = new URL(worker as string, location.href);
  if (scope) return { script: url.href, scope };
  for (const [key, value] of Object.entries({ name, endpoint, status: statusEndpoint ?? '' })) {
    url.searchParams.set(key, value);
  }
  // Browsers refuse an encoded slash in a scope.
  return {
    script: url.href,
    scope: new URL(`stillhere-scope/${encodeURIComponent(name).replaceAll('%', '~')}/`, url).pathname,
  };
}

/**
 * Registers the worker, or finds the registration that there is, and waits until it has an active worker. Uses what `register()` returns:
 * at a scope that does not cover the page, `Workbox.getSW()` and `active` never settle.
 */
export async function registerWorker(options: ResolvedOptions): Promise<ServiceWorkerRegistration> {
  const { script, scope } = workerPlace(options);
  const registration = await new Workbox(trusted(script), { scope }).register({ immediate: true });
  if (!registration) throw new Error('not registered');
  const coming = registration.installing ?? registration.waiting;
  if (!registration.active && coming) {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(reject, INSTALL_TIMEOUT, new Error('the worker does not become active'));
      coming.addEventListener('statechange', () => {
        if (registration.active || coming.state === 'redundant') {
          clearTimeout(timer);
          resolve();
        }
      });
    });
  }
  return registration;
}
