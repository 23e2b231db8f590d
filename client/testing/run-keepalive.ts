import { afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { createKeepalive } from '../create-keepalive.js';
import type { Keepalive, KeepaliveOptions } from '../types.js';

const running: Keepalive[] = [];

/** Starts a keepalive and logs everything that the application is told. */
export function run(options: KeepaliveOptions) {
  const log: string[] = [];
  const keepalive = createKeepalive({
    worker: false,
    onRefreshed: () => log.push('refreshed'),
    onExpired: () => log.push('expired'),
    onSignedOut: () => log.push('signed out'),
    onSignedIn: () => log.push('signed in'),
    onUserChanged: () => log.push('user changed'),
    onConceal: (concealed) => log.push(`conceal ${concealed}`),
    onError: ({ code }) => log.push(code),
    onEvent: (event) => event.type === 'ping' && log.push(`ping ${event.ask}`),
    ...options,
  });
  running.push(keepalive);
  keepalive.start();
  return { keepalive, log };
}

/**
 * Waits until `holds` no longer throws. The fake clock moves by 5 ms for each try, so that a busy
 * machine does not make it run far.
 */
export const until = (holds: () => void) => vi.waitFor(holds, { interval: 5, timeout: 10_000 });

export const status = (keepalive: Keepalive, value: string) =>
  until(() => expect(keepalive.snapshot().status).toBe(value));

/** Gives each test of a file a fake clock, and stops everything that the test has started. */
export function setUpPage(): void {
  // The chunks that pages load on demand take real time here, the first time.
  beforeAll(async () => {
    const lazy = ['page-engine', 'trouble', 'events-of', 'keepalive-error', 'forget-stored', 'install-worker'];
    await Promise.all(lazy.map((name) => import(`../lazy/${name}.ts`)));
  });
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(async () => {
    for (const keepalive of running.splice(0)) await keepalive.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}
