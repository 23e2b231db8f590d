import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createKeepaliveApp } from './app.js';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { PeerError } from './peers.js';
import { type Logger, rootCodeOf } from './session/logger.js';

export interface RunningServer {
  /** Where it listens, as a URL. */
  readonly address: string;
  /** Takes no new requests, finishes and stores the grants that run, then closes the store. */
  stop(): Promise<void>;
}

async function listen(app: Hono, { port, host }: Config): Promise<ServerType> {
  const server = serve({ fetch: app.fetch, port, hostname: host });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'it cannot be listened on' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`PORT and HOST take an address that is free: ${code}.`);
  }
  return server;
}

function addressOf(server: ServerType): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** The ready-made server: Stillhere under `/auth`, and `/healthz`. Throws a `ConfigError` where the store or the address cannot be had. */
export async function startServer(config: Config, logger: Logger): Promise<RunningServer> {
  const { appOrigin, clientSecret, keys, store, dataDir, rateLimit, trustedProxies } = config;
  const { idleTimeout, absoluteTimeout, refreshAfter, refreshTokenIdle } = config;
  const keepalive = createKeepaliveApp({
    ...{ appOrigin, keys, store, dataDir, rateLimit, trustedProxies, idleTimeout, absoluteTimeout, refreshAfter },
    ...{ basePath: '/auth', logger },
    oidc: {
      issuer: config.issuer,
      clientId: config.clientId,
      ...(clientSecret === null ? {} : { clientSecret }),
      scope: config.scope,
      authParams: config.authParams,
    },
    refreshTokenIdle: refreshTokenIdle ?? undefined,
  });
  try {
    await keepalive.ready;
  } catch (error) {
    if (error instanceof PeerError) throw new ConfigError(error.message);
    const code = rootCodeOf(error) ?? 'the session store cannot be opened';
    throw new ConfigError(`DATA_DIR takes the path of a folder on a local disk that can be written to: ${code}.`);
  }
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok', 200, { 'Cache-Control': 'no-store' }));
  app.route('/auth', keepalive);
  const server = await listen(app, config).catch(async (error: unknown) => {
    await keepalive.close();
    throw error;
  });

  return {
    address: addressOf(server),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      await keepalive.close();
      // What still waits is answered by now; only idle keep-alive connections are left.
      if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), 1_000).unref();
      await closed;
    },
  };
}
