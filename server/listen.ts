import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { createDrain } from './drain.js';

/** Longest time for a request's headers, in milliseconds. They come in one piece; a body may take as long as `requestTimeout`. */
const HEADERS_MS = 10_000;
/** Node looks this often, in milliseconds, if a request has taken too long: by default every 30 s. */
const CHECK_MS = 1_000;

export interface Listener {
  /** Where it listens, as a URL. */
  readonly address: string;
  /** From now on each answer ends its connection. New connections are taken as before. */
  drain(): void;
  /** Takes no new connections, answers what was asked on those that are open, and resolves when the last one has gone. */
  close(): Promise<void>;
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Serves an app. Throws a `ConfigError` where the address cannot be had: `name` is the variable that says the port. */
export async function listen(
  app: Hono,
  name: string,
  port: number,
  { host, keepAliveTimeout, requestTimeout }: Pick<Config, 'host' | 'keepAliveTimeout' | 'requestTimeout'>,
): Promise<Listener> {
  const requestTimeoutMs = requestTimeout * 1_000;
  const server = createServer(
    {
      keepAliveTimeout: keepAliveTimeout * 1_000,
      requestTimeout: requestTimeoutMs,
      // Node refuses one that is longer than that of the whole request.
      headersTimeout: Math.min(HEADERS_MS, requestTimeoutMs),
      connectionsCheckingInterval: CHECK_MS,
    },
    getRequestListener(app.fetch),
  );
  const drain = createDrain(server);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'it cannot be listened on' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${name} and HOST take an address that is free: ${code}.`);
  }
  return { address: addressOf(server), drain: drain.begin, close: drain.close };
}
