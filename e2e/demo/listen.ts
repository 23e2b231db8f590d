import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';

export type Fetch = (request: Request) => Response | Promise<Response>;

/** Listens before there is anything to serve: an application has to know its own address first, and the port may be any free one. */
export async function listen(
  host: string,
  port: number,
): Promise<{ port: number; serve(fetch: Fetch): void; close(): Promise<void> }> {
  let handler: Fetch = () => new Response('Starting.', { status: 503, headers: { 'Retry-After': '1' } });
  const server = createServer(getRequestListener((request) => handler(request)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    serve(fetch) {
      handler = fetch;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
