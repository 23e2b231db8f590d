import { ConfigError } from './config-error.js';
import { PeerError, servePeerError } from './peers.js';

/** How long a stop may take before it is cut short, in milliseconds: longer than any grant runs. */
const SHUTDOWN_PATIENCE = 30_000;

try {
  // Here, not above: a package that is missing has to be told of.
  const [{ readConfig }, { createPinoLogger }, { startServer }] = await Promise.all([
    import('./config.js'),
    import('./pino-logger.js'),
    import('./start-server.js'),
  ]).catch((error: unknown) => {
    throw servePeerError(error);
  });
  const config = readConfig(process.env);
  const logger = createPinoLogger(config.logLevel);
  const server = await startServer(config, logger);
  const stop = async (signal: string): Promise<void> => {
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), SHUTDOWN_PATIENCE).unref();
    await server.stop();
    logger.info({}, 'stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop(signal).catch(() => process.exit(1));
    });
  }
  // Who has read this may stop us.
  const { address, metricsAddress } = server;
  logger.info({ address, ...(metricsAddress !== null && { metricsAddress }) }, 'listening');
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof PeerError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
