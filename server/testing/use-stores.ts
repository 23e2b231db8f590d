import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { startRedis, type TestRedis } from './processes/redis-server.js';
import type { SharedStore } from './shared-store.js';

/** Places for the stores of a test file, each a new one: they are gone after its tests. */
export interface StorePlaces {
  inFile(): SharedStore;
  /** In a Redis of the file's own. */
  inRedis(): SharedStore;
}

/** Starts a Redis and makes a folder for the tests of a file. */
export function useStores(): StorePlaces {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-stores-'));
  let redis: TestRedis | undefined;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let places = 0;
  return {
    inFile: () => ({ file: join(folder, `${places++}.db`) }),
    inRedis: () => ({ url: redis?.url ?? '', prefix: `${places++}:` }),
  };
}
