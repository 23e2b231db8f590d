import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Instead of what is behind it: an answer, a connection that is cut, or none at all. */
export type FrontFault = { status: number; body?: string; headers?: Record<string, string> } | 'reset' | 'hang';

/**
 * What stands in front of a server in the world: an origin that stays while the server behind it
 * comes and goes. A server that is not there is a 502, as with any proxy.
 */
export async function startFront() {
  let target: URL | null = null;
  let fault: FrontFault | null = null;
  const hanging = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    if (fault === 'hang') {
      hanging.add(incoming.socket);
      return;
    }
    if (fault === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (fault) {
      const { status, body = '', headers = { 'content-type': 'text/html' } } = fault;
      // Read first: an answer may be lost with its connection while the request is still sent.
      incoming.resume().once('end', () => outgoing.writeHead(status, headers).end(body));
      return;
    }
    const { hostname = '127.0.0.1', port = '1' } = target ?? {};
    const { method = 'GET', url: path = '/', headers } = incoming;
    // A connection of its own for each, so that none of a server that has ended is used again.
    const forwarded = request({ agent: false, host: hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    });
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    /** Where requests go from now on. */
    passTo(address: unknown): void {
      target = new URL(String(address));
    },
    /** Fails like this from now on; `null`: not at all. Requests that hang are cut. */
    fail(next: FrontFault | null): void {
      fault = next;
      for (const socket of hanging) socket.destroy();
      hanging.clear();
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export type Front = Awaited<ReturnType<typeof startFront>>;
