import type { ServerOptions } from 'node:http';

/**
 * Longest time for a request's headers, in milliseconds. They come in one piece; a body may take as
 * long as `requestTimeout`.
 */
const HEADERS_MS = 10_000;
/**
 * Node looks this often, in milliseconds, if a request has taken too long: by default every 30 s.
 */
const CHECK_MS = 1_000;

/** How long a connection may be idle, and how long a request may take to arrive. Seconds. */
export interface ConnectionLimits {
  keepAliveTimeout: number;
  requestTimeout: number;
}

/**
 * Idle connections: longer than the proxies in front keep them, commonly 60 to 75 s, so that it is
 * the proxy that closes.
 */
export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = { keepAliveTimeout: 95, requestTimeout: 20 };

/**
 * The limits as options of Node's HTTP server. Its own are 5 s for an idle connection, and 300 s
 * for a request.
 */
export function connectionOptions({ keepAliveTimeout, requestTimeout }: ConnectionLimits): ServerOptions {
  const requestTimeoutMs = requestTimeout * 1_000;
  return {
    keepAliveTimeout: keepAliveTimeout * 1_000,
    requestTimeout: requestTimeoutMs,
    // Node refuses one that is longer than that of the whole request.
    headersTimeout: Math.min(HEADERS_MS, requestTimeoutMs),
    connectionsCheckingInterval: CHECK_MS,
  };
}
