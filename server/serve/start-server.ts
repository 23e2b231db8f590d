import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { createKeepaliveApp } from '../app.js';
import { codeOf, type Logger } from '../observe/logger.js';
import type { Meter } from '../observe/meter.js';
import { PeerError } from '../peers.js';
import { StoreError } from '../store/store.js';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';
import { type Listener, listen } from './listen.js';

export interface RunningServer {
  /** The URL at which it listens. */
  readonly address: string;
  /** The URL of the metrics, or `null`. */
  readonly metricsAddress: string | null;
  /**
   * Answers what is under way and what still comes on open connections, finishes and stores the
   * grants that run, then closes the store. The health check says 503 from the beginning.
   */
  stop(): Promise<void>;
}

/** Why the store cannot be opened, and which variable to change. */
function whyNotOpen({ store }: Config, error: unknown): string {
  if (error instanceof PeerError) return error.message;
  const kind = (error instanceof StoreError ? error.kind : codeOf(error)) ?? 'it cannot be opened';
  return store === 'redis'
    ? `REDIS_URL takes the URL of a Redis that can be reached and lets us in: ${kind}.`
    : `DATA_DIR takes the path of a folder on a local disk that can be written to: ${kind}.`;
}

/** The app that shows metrics, and who is told what to count. */
async function createMetrics(): Promise<{ meter: Meter; app: Hono }> {
  // Lazily: only who asks for metrics needs the package.
  const { createPrometheusMeter } = await import('./prometheus.js').catch((error: unknown) => {
    const code = codeOf(error) ?? 'it cannot be loaded';
    throw new ConfigError(`METRICS_PORT needs a package that is not installed: npm i prom-client (${code}).`);
  });
  const { meter, contentType, page } = createPrometheusMeter();
  const app = new Hono();
  app.get('/metrics', async (context) => context.body(await page(), 200, { 'Content-Type': contentType }));
  return { meter, app };
}

/**
 * The ready-made server: Stillhere under `/auth`, `/healthz`, and metrics at a port of their own.
 * Throws a `ConfigError` where the store or an address cannot be had.
 */
export async function startServer(config: Config, logger: Logger): Promise<RunningServer> {
  const { appOrigin, clientSecret, keys, store, dataDir, redisUrl, rateLimit, trustedProxies } = config;
  const { idleTimeout, absoluteTimeout, cookieLifetime, refreshAfter, refreshTokenIdle } = config;
  const { port, metricsPort, host, shutdownDelay } = config;
  const metrics = metricsPort === null ? null : await createMetrics();
  const keepalive = createKeepaliveApp({
    ...{ appOrigin, keys, store, dataDir, redisUrl, rateLimit, trustedProxies },
    ...{ idleTimeout, absoluteTimeout, cookieLifetime, refreshAfter },
    ...{ basePath: '/auth', logger },
    ...(metrics && { meter: metrics.meter }),
    oidc: {
      issuer: config.issuer,
      clientId: config.clientId,
      ...(clientSecret === null ? {} : { clientSecret }),
      ...config.clientAuth,
      scope: config.scope,
      authParams: config.authParams,
    },
    refreshTokenIdle: refreshTokenIdle ?? undefined,
    logSubject: config.logSubject,
  });
  const app = new Hono();
  let draining = false;
  app.get('/healthz', (context) =>
    context.text(draining ? 'draining' : 'ok', draining ? 503 : 200, { 'Cache-Control': 'no-store' }),
  );
  app.route('/auth', keepalive);
  const listeners: Listener[] = [];
  try {
    await keepalive.ready.catch((error: unknown) => {
      throw new ConfigError(whyNotOpen(config, error));
    });
    listeners.push(await listen(app, 'PORT', port, host, config));
    if (metrics) listeners.push(await listen(metrics.app, 'METRICS_PORT', metricsPort ?? 0, host, config));
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    await keepalive.close();
    throw error;
  }

  const [site, metricsListener] = listeners;
  return {
    address: site?.address ?? '',
    metricsAddress: metricsListener?.address ?? null,
    async stop() {
      draining = true;
      site?.drain();
      await sleep(shutdownDelay * 1_000);
      // The store is needed until the last request is answered.
      await site?.close();
      await keepalive.close();
      await metricsListener?.close();
    },
  };
}
