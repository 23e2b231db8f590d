import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { ConfigError } from './config-error.js';
import { type ConnectionLimits, connectionOptions, DEFAULT_CONNECTION_LIMITS } from './connection-limits.js';
import { createDrain } from './drain.js';

export interface Listener {
  /** The URL at which it listens. */
  readonly address: string;
  /** From now on each answer ends its connection. New connections are taken as before. */
  drain(): void;
  /**
   * Takes no new connections, answers what was asked on those that are open, and resolves when the
   * last one has gone.
   */
  close(): Promise<void>;
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Serves an app. Throws a `ConfigError` where the address cannot be had: `name` is the variable
 * that says the port.
 */
export async function listen(
  app: Hono,
  name: string,
  port: number,
  hostname: string,
  limits: ConnectionLimits = DEFAULT_CONNECTION_LIMITS,
): Promise<Listener> {
  const server = createServer(connectionOptions(limits), getRequestListener(app.fetch));
  const drain = createDrain(server);
  server.listen(port, hostname);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'it cannot be listened on' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${name} and HOST take an address that is free: ${code}.`);
  }
  return { address: addressOf(server), drain: drain.begin, close: drain.close };
}
