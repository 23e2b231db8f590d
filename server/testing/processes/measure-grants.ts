import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProvider } from '../../dev-provider/provider.js';
import { createKeyRing } from '../../record/key-ring.js';
import { serviceAt } from '../service-bench.js';
import { openShared, type SharedStore } from '../shared-store.js';
import { prepareServers } from './fork-servers.js';
import { startRedis } from './redis-server.js';

/**
 * What came of sessions that beat four times each, at once, over three processes that share a
 * store.
 */
export interface GrantsMeasured {
  sessions: number;
  beats: number;
  tokenRequests: number;
  /** Answers by kind and reason, such as `alive` or `later busy`. */
  answers: Record<string, number>;
  seconds: number;
}

async function burst(store: SharedStore, sessions: number): Promise<GrantsMeasured> {
  const keys = [randomBytes(32).toString('base64url')];
  const provider = await startProvider({ ttl: { accessToken: 60 } });
  const servers = await prepareServers();
  try {
    const bench = serviceAt(provider, { store: await openShared(store), keys: createKeyRing(keys) });
    const cookies: string[] = [];
    for (let n = 0; n < sessions; n += 1) cookies.push((await bench.open()).cookie);
    await bench.service.close();
    const settings = { store, issuer: provider.issuer, keys, aheadMs: 45_000, waitTimeout: 8 };
    const processes = await Promise.all([1, 2, 3].map(() => servers.forkServer(settings)));
    const startedAt = performance.now();
    const asked = [...processes, ...processes.slice(0, 1)].map((process) => process.beat(cookies));
    const verdicts = (await Promise.all(asked)).flatMap((answer) => answer.verdicts);
    const seconds = (performance.now() - startedAt) / 1_000;
    // Grants that their requests did not wait for are made all the same.
    for (let last = -1; last !== provider.calls().refresh; ) {
      last = provider.calls().refresh;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    const answers: Record<string, number> = {};
    for (const verdict of verdicts) {
      const name = verdict.kind === 'alive' ? 'alive' : `${verdict.kind} ${verdict.reason}`;
      answers[name] = (answers[name] ?? 0) + 1;
    }
    return { sessions, beats: verdicts.length, tokenRequests: provider.calls().refresh, answers, seconds };
  } finally {
    await servers.cleanUp();
    await provider.close();
  }
}

export async function measureGrants(store: 'sqlite' | 'redis', sessions: number): Promise<GrantsMeasured> {
  if (store === 'redis') {
    const redis = await startRedis();
    return burst({ url: redis.url, prefix: 'grants:' }, sessions).finally(redis.close);
  }
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-grants-'));
  return burst({ file: join(folder, 'grants.db') }, sessions).finally(() =>
    rmSync(folder, { recursive: true, force: true }),
  );
}
