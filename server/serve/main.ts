import { errorFacts } from '../observe/logger.js';
import { PeerError, servePeerError } from '../peers.js';
import { ConfigError } from './config-error.js';

/**
 * npm passes on the Ctrl+C that the terminal has sent to this process as well: a second signal so
 * soon, in milliseconds, is the same one.
 */
const SAME_SIGNAL_MS = 500;

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
  const cut = (facts: object): void => {
    logger.warn({ event: 'server.cut', ...facts }, 'the server was ended before all was done');
    process.exit(1);
  };
  const stop = async (signal: string): Promise<void> => {
    logger.info({ event: 'server.drain', signal }, 'stopping');
    const seconds = config.shutdownDelay + config.shutdownTimeout;
    setTimeout(cut, seconds * 1_000, { seconds }).unref();
    await server.stop();
    logger.info({ event: 'server.stop' }, 'stopped');
    process.exit(0);
  };
  let stoppingSince: number | null = null;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stoppingSince === null) {
        stoppingSince = performance.now();
        stop(signal).catch((error: unknown) => cut(errorFacts(error)));
      } else if (performance.now() - stoppingSince > SAME_SIGNAL_MS) cut({ signal });
    });
  }
  // The line comes last: a process that has read it may stop this one.
  const { address, metricsAddress } = server;
  logger.info({ event: 'server.start', address, ...(metricsAddress !== null && { metricsAddress }) }, 'listening');
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof PeerError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
