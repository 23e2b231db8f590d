import { createKeyRing } from '../../record/key-ring.js';
import { createSessionService } from '../../session/create-session-service.js';
import type { SessionService } from '../../session/session-service.js';
import { recordLog } from '../log-recorder.js';
import { discoverTestIssuer, HERE } from '../service-bench.js';
import { openShared, type SharedStore } from '../shared-store.js';

/** A server process of its own on a shared store: beats when its parent says so. */
export interface ChildSettings {
  store: SharedStore;
  issuer: string;
  keys: string[];
  /** How far this process's clock is ahead, in milliseconds. */
  aheadMs: number;
  /** How long its requests wait for a refresh, and for the store, in seconds. */
  waitTimeout: number;
}

export interface ChildOrder {
  id: number;
  /** Beats for these, all at once. */
  cookies?: string[];
  /** A session to create, or a logout by the provider. */
  create?: Parameters<SessionService['create']>[0];
  endByProvider?: Parameters<SessionService['endByProvider']>[0];
  /** From now on, the clock is so far ahead. Default: as it was. */
  aheadMs?: number;
}

const settings: ChildSettings = JSON.parse(process.argv[2] ?? '{}');
let { aheadMs } = settings;
const log = recordLog();
const issuer = await discoverTestIssuer(settings.issuer);
const service = createSessionService({
  issuer,
  store: await openShared(settings.store, log),
  keys: createKeyRing(settings.keys),
  logger: log,
  waitTimeout: settings.waitTimeout,
  storeTimeout: settings.waitTimeout,
  now: () => Date.now() + aheadMs,
});

// The peak that the system counts begins with the memory of the process that forked this one.
let peakBytes = 0;
const measure = () => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
};
setInterval(measure, 10);

process.on('message', async (order: ChildOrder) => {
  aheadMs = order.aheadMs ?? aheadMs;
  const verdicts = await Promise.all((order.cookies ?? []).map((cookie) => service.beat(cookie, HERE)));
  const created = order.create && (await service.create(order.create));
  const ended = order.endByProvider && (await service.endByProvider(order.endByProvider));
  measure();
  process.send?.({ id: order.id, verdicts, log: log.text(), peakBytes, created, ended });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
