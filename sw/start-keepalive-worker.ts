import { clientsClaim } from 'workbox-core';
import type { EngineAddress } from './engine-types.js';
import { runWorker } from './worker.js';

declare const self: ServiceWorkerGlobalScope;

export interface KeepaliveWorkerOptions {
  /** Where beats go: a same-origin path. Default `/auth/heartbeat`. */
  endpoint?: string;
  /**
   * `GET` that tells what is left. Default: `session` beside an endpoint that ends in
   * `/auth/heartbeat`, else none; `null` for none.
   */
  statusEndpoint?: string | null;
  /** The same name as the pages' `name`. Default: the endpoint's path. */
  name?: string;
  /**
   * Take control of open pages at activation, for an application that relies on it. Default
   * `false`: Stillhere needs no control.
   */
  claim?: boolean;
}

/** `session` beside an endpoint that follows the convention. */
const besideHeartbeat = (endpoint: string): string | null =>
  /\/auth\/heartbeat$/.test(endpoint) ? endpoint.replace(/heartbeat$/, 'session') : null;

/** @throws {TypeError} for an option of another type, naming it. */
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
 * listeners are there when the browser starts the worker for an event; messages and requests of
 * others are left alone.
 *
 * @example
 * import { startKeepaliveWorker } from 'stillhere/sw';
 * startKeepaliveWorker({ endpoint: '/auth/heartbeat' });
 *
 * @throws {TypeError} for a wrong option.
 */
export function startKeepaliveWorker(options: KeepaliveWorkerOptions = {}): void {
  const address = resolve(options);
  if (options.claim) clientsClaim();
  runWorker(address);
}
