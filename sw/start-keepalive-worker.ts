import { clientsClaim } from 'workbox-core';
import type { EngineAddress } from './engine-types.js';
import { runWorker } from './worker.js';

declare const self: ServiceWorkerGlobalScope;

export interface KeepaliveWorkerOptions {
  /**
   * The same-origin path to which beats are sent.
   * @default '/auth/heartbeat'
   */
  endpoint?: string;
  /**
   * The path of a `GET` route that tells what is left of the session. `null`: there is none.
   * @default `session` in place of `heartbeat` if the endpoint ends in `/auth/heartbeat`, otherwise
   * `null`
   */
  statusEndpoint?: string | null;
  /**
   * The name that the pages give as `name`.
   * @default the endpoint's path
   */
  name?: string;
  /**
   * Takes control of open pages when the worker is activated, for an application that relies on it.
   * Stillhere itself needs no control.
   * @default false
   */
  claim?: boolean;
}

/** Returns the path of the status route, if the endpoint's path follows the convention. */
const besideHeartbeat = (endpoint: string): string | null =>
  /\/auth\/heartbeat$/.test(endpoint) ? endpoint.replace(/heartbeat$/, 'session') : null;

/** @throws {TypeError} if an option has a wrong type. The message names the option. */
function resolve(options: KeepaliveWorkerOptions): EngineAddress {
  const { endpoint = '/auth/heartbeat', statusEndpoint, name, claim } = options;
  const path = (option: string, value: unknown): string => {
    const url =
      typeof value === 'string' && URL.canParse(value, self.location.href) ? new URL(value, self.location.href) : null;
    if (url?.origin === self.location.origin) return url.pathname + url.search;
    throw new TypeError(
      `startKeepaliveWorker: \`${option}\` takes a path or URL of this origin, not ${JSON.stringify(value)}`,
    );
  };
  const here = path('endpoint', endpoint);
  if (name !== undefined && (typeof name !== 'string' || !name))
    throw new TypeError('startKeepaliveWorker: `name` takes a text that is not empty');
  if (claim !== undefined && typeof claim !== 'boolean')
    throw new TypeError('startKeepaliveWorker: `claim` takes true or false');
  const status = statusEndpoint === undefined ? besideHeartbeat(here) : statusEndpoint;
  return {
    name: name ?? here,
    endpoint: here,
    statusEndpoint: status === null ? null : path('statusEndpoint', status),
  };
}

/**
 * Runs the keepalive in this service worker. Call it synchronously at the top level, so that its
 * listeners are there when the browser starts the worker for an event. It ignores all other
 * messages and requests.
 *
 * @example
 * import { startKeepaliveWorker } from 'stillhere/sw';
 * startKeepaliveWorker({ endpoint: '/auth/heartbeat' });
 *
 * @throws {TypeError} if an option is wrong. The message names the option.
 */
export function startKeepaliveWorker(options: KeepaliveWorkerOptions = {}): void {
  const address = resolve(options);
  if (options.claim) clientsClaim();
  runWorker(address);
}
