import { errorFacts, type Logger } from '../../observe/logger.js';
import { StoreError } from '../store.js';
import { Redis } from './peer-ioredis.js';
import { createRedisClock, type RedisClock } from './redis-clock.js';
import type { RedisScript } from './redis-scripts.js';

/**
 * How long a command may take, in milliseconds: less than a request waits for all that it asks of
 * the store.
 */
const COMMAND_TIMEOUT = 4_500;
const CONNECT_TIMEOUT = 5_000;
/** How long a connection that is given up may take to close. */
const HANG_UP_MS = 100;
/** Longest pause between two attempts to connect, in milliseconds. */
const MAX_PAUSE = 2_000;

/**
 * What kind of failure this is: Redis's own word (`READONLY`, `OOM`) or the network's. The rest of
 * a message may quote an argument.
 */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  const [word = ''] = error.message.split(' ', 1);
  if (/^[A-Z]{3,}$/.test(word)) return word;
  return /timed out/.test(error.message) ? 'timeout' : 'disconnected';
}

const failed = (error: unknown): StoreError => new StoreError('The session store failed', kindOf(error));

export interface RedisConnection {
  /**
   * Resolves when it is connected for the first time, rejects with a `StoreError` if the first
   * attempt fails; it goes on trying.
   */
  readonly ready: Promise<void>;
  readonly clock: RedisClock;
  /** Runs commands; whatever fails is a `StoreError`. */
  ask<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /** Runs a script as one step. */
  run(script: RedisScript, keys: readonly string[], args?: readonly (string | number)[]): Promise<unknown>;
  close(): Promise<void>;
}

async function readClock(redis: Redis, clock: RedisClock): Promise<void> {
  const sentAt = Date.now();
  const [seconds, microseconds] = await redis.time();
  clock.measure(Number(seconds) * 1_000 + Number(microseconds) / 1_000, sentAt, Date.now());
}

/**
 * Says once what would lose sessions: a memory policy that evicts, and no append-only file. A
 * server that keeps it to itself is not asked.
 */
async function warnOfLoss(redis: Redis, logger: Logger): Promise<void> {
  const info = await redis.info().catch(() => '');
  const [, policy = 'noeviction'] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  if (policy !== 'noeviction')
    logger.warn(
      { event: 'store.setting', policy },
      'Redis may evict sessions when its memory is full: set maxmemory-policy noeviction',
    );
  if (/^aof_enabled:0/m.test(info))
    logger.warn(
      { event: 'store.setting' },
      'Redis keeps no append-only file and may lose sessions when it restarts: set appendonly yes',
    );
}

/**
 * A connection to one Redis or Valkey that comes back by itself. A command is sent once: whether
 * one that was cut off has been carried out is not known, and its caller decides. While there is no
 * connection, commands fail at once.
 */
export function connectRedis(url: string, logger: Logger, commandTimeout = COMMAND_TIMEOUT): RedisConnection {
  const redis = new Redis(url, {
    ...{ lazyConnect: true, connectTimeout: CONNECT_TIMEOUT, commandTimeout, disconnectTimeout: HANG_UP_MS },
    ...{ enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 },
    retryStrategy: (times) => Math.min(MAX_PAUSE, 50 * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2),
    // After a failover the one that we are connected to is a replica: the name leads to the new
    // primary.
    reconnectOnError: (error) => kindOf(error) === 'READONLY',
  });

  let trouble: unknown = null;
  let connected = false;
  let closing = false;
  redis.on('error', (error: unknown) => {
    trouble = error;
  });
  redis.on('close', () => {
    if (connected && !closing)
      logger.info({ event: 'store.disconnect', code: kindOf(trouble) }, 'the connection to Redis was lost');
    connected = false;
    hangingUp = false;
  });
  let before = false;
  redis.on('ready', () => {
    connected = true;
    trouble = null;
    if (before) logger.info({ event: 'store.connect' }, 'connected to Redis again');
    else void warnOfLoss(redis, logger);
    before = true;
    // This may be another server with another clock. If this fails, the next answer tells its time.
    readClock(redis, clock).catch(() => undefined);
  });

  /**
   * Hangs up on a Redis that does not answer in time. Calls that wait for it would wait in vain,
   * grow, and hold up each request for the whole time; and a connection whose other end is gone
   * without a word would stay like that for a quarter of an hour.
   */
  let hangingUp = false;
  const hangUp = (error: unknown): void => {
    if (kindOf(error) !== 'timeout' || !connected || closing || hangingUp) return;
    hangingUp = true;
    trouble = error;
    redis.disconnect(true);
  };

  const ask = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    try {
      return await work(redis);
    } catch (error) {
      hangUp(error);
      throw failed(connected ? error : (trouble ?? error));
    }
  };
  const clock = createRedisClock(logger);
  const ready = redis
    .connect()
    .then(() => readClock(redis, clock))
    .catch((error: unknown) => {
      throw failed(trouble ?? error);
    });
  ready.catch((error: unknown) =>
    logger.error({ event: 'store.away', ...errorFacts(error) }, 'Redis cannot be reached'),
  );

  return {
    ready,
    clock,
    ask,
    run: (script, keys, args = []) =>
      ask(async () => {
        try {
          return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
        } catch (error) {
          // A server that has restarted does not know it any more.
          if (kindOf(error) !== 'NOSCRIPT') throw error;
          return redis.eval(script.lua, keys.length, ...keys, ...args);
        }
      }),
    async close() {
      closing = true;
      redis.disconnect();
    },
  };
}
