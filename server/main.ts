import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createKeepaliveApp } from './app.js';
import { type Config, readConfig } from './config.js';
import { ConfigError } from './config-error.js';
import { createPinoLogger } from './pino-logger.js';

/** How long open connections may linger after SIGTERM before they are cut, in milliseconds: longer than any grant runs. */
const SHUTDOWN_PATIENCE = 25_000;

function readOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

const config = readOrExit();
const logger = createPinoLogger(config.logLevel);
const keepalive = createKeepaliveApp({
  appOrigin: config.appOrigin,
  basePath: '/auth',
  oidc: {
    issuer: config.issuer,
    clientId: config.clientId,
    ...(config.clientSecret ? { clientSecret: config.clientSecret } : {}),
    scope: config.scope,
    authParams: config.authParams,
  },
  store: config.store,
  dataDir: config.dataDir,
  keys: config.keys,
  idleTimeout: config.idleTimeout,
  absoluteTimeout: config.absoluteTimeout,
  refreshAfter: config.refreshAfter,
  ...(config.refreshTokenIdle ? { refreshTokenIdle: config.refreshTokenIdle } : {}),
  rateLimit: config.rateLimit,
  trustedProxies: config.trustedProxies,
  logger,
});
await keepalive.ready.catch(() => {
  process.stderr.write('DATA_DIR takes the path of a folder that can be written to, on a local disk.\n');
  process.exit(1);
});

const app = new Hono();
app.get('/healthz', (context) => context.text('ok'));
app.route('/auth', keepalive);

const server = serve({ fetch: app.fetch, port: config.port, hostname: config.host }, ({ address, port, family }) => {
  const host = family === 'IPv6' ? `[${address}]` : address;
  logger.info({ address: `http://${host}:${port}` }, 'listening');
});
server.on('error', (error: NodeJS.ErrnoException) => {
  process.stderr.write(`PORT and HOST take an address that is free: ${error.code ?? 'it cannot be listened on'}.\n`);
  process.exit(1);
});

let stopping = false;
/** No new requests, then the grants that run are finished and stored, then the store is closed. */
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  logger.info({ signal }, 'stopping');
  const closed = once(server, 'close');
  server.close();
  if ('closeIdleConnections' in server) server.closeIdleConnections();
  const patience = setTimeout(() => process.exit(1), SHUTDOWN_PATIENCE);
  await keepalive.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
  await closed;
  clearTimeout(patience);
  logger.info({}, 'stopped');
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stop(signal).catch(() => process.exit(1));
  });
}
