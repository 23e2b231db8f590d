import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { ConfigError } from './config-error.js';

/** How long connections on which nothing more is to come may stay open, in milliseconds. */
const LINGER = 1_000;

export interface Listener {
  /** Where it listens, as a URL. */
  readonly address: string;
  /** Takes no new connections from now on. */
  stopTaking(): void;
  /** Resolves when the last connection has gone: call it when everybody has been answered. */
  close(): Promise<void>;
}

function addressOf(server: ServerType): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Serves an app. Throws a `ConfigError` where the address cannot be had: `name` is the variable that says the port. */
export async function listen(app: Hono, name: string, port: number, hostname: string): Promise<Listener> {
  const server = serve({ fetch: app.fetch, port, hostname });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'it cannot be listened on' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${name} and HOST take an address that is free: ${code}.`);
  }
  const closed = once(server, 'close');
  const stopTaking = (): void => {
    server.close();
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  };
  return {
    address: addressOf(server),
    stopTaking,
    async close() {
      if (server.listening) stopTaking();
      if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), LINGER).unref();
      await closed;
    },
  };
}
