import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { connectionOptions, DEFAULT_CONNECTION_LIMITS } from '../../server/serve/connection-limits.js';

export type Fetch = (request: Request) => Response | Promise<Response>;

export interface Listening {
  port: number;
  serve(fetch: Fetch): void;
  /** Refuses connections, and cuts those that there are, until `start()`. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Listens before there is anything to serve: an application has to know its own address first, and
 * the port may be any free one.
 */
export async function listen(host: string, wanted: number): Promise<Listening> {
  let handler: Fetch = () => new Response('Starting.', { status: 503, headers: { 'Retry-After': '1' } });
  const server = createServer(
    connectionOptions(DEFAULT_CONNECTION_LIMITS),
    getRequestListener((request) => handler(request)),
  );
  const start = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start(wanted);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    serve(fetch) {
      handler = fetch;
    },
    stop,
    start: () => start(port),
    close: stop,
  };
}
