import { Hono } from 'hono';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { describe, expect, it, vi } from 'vitest';
import { parseProxies } from './client-address.js';
import { limitLogins } from './limit-logins.js';
import type { Logger } from './session/logger.js';
import { stderrLogger } from './stderr-logger.js';
import { recordLog } from './testing/log-recorder.js';

function appBehind(proxies: string[] | null, logger: Logger = stderrLogger) {
  const app = new Hono();
  app.use('/login', limitLogins(proxies && parseProxies(proxies), logger));
  app.get('/login', (context) => context.text('ok'));
  /** How many of 61 logins of one visitor pass. */
  return async (peer: string, headers: Record<string, string>): Promise<{ passed: number; last: Response }> => {
    let passed = 0;
    let last = new Response();
    for (let count = 0; count < 61; count++) {
      last = await app.request('/login', { headers }, { incoming: { socket: { remoteAddress: peer } } });
      if (last.status === 200) passed++;
    }
    return { passed, last };
  };
}

describe('limitLogins', () => {
  it('limits logins by the address that a trusted proxy names', async () => {
    const ask = appBehind(['10.0.0.1']);
    const { passed, last } = await ask('10.0.0.1', { 'X-Forwarded-For': '203.0.113.9' });
    expect(passed).toBe(60);
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('10.0.0.1', { 'X-Forwarded-For': '203.0.113.10' })).passed).toBe(60);
  });

  it('is not passed by addresses that the visitor makes up (forged X-Forwarded-For)', async () => {
    const ask = appBehind(['10.0.0.1']);
    await ask('10.0.0.1', { 'X-Forwarded-For': '203.0.113.9' });
    expect((await ask('10.0.0.1', { 'X-Forwarded-For': '1.2.3.4, 203.0.113.9' })).passed).toBe(0);
  });

  it("limits nobody without a trusted proxy: an address would be the proxy's", async () => {
    expect((await appBehind(null)('203.0.113.9', {})).passed).toBe(61);
    expect((await appBehind(['10.0.0.1'])('198.51.100.1', { 'X-Forwarded-For': '203.0.113.9' })).passed).toBe(61);
  });

  it('lets everybody through, and says so, where it fails itself', async () => {
    const broken = vi.spyOn(RateLimiterMemory.prototype, 'consume').mockRejectedValue(new Error('of 203.0.113.9'));
    const log = recordLog();
    const { passed } = await appBehind(['10.0.0.1'], log)('10.0.0.1', { 'X-Forwarded-For': '203.0.113.9' });
    broken.mockRestore();
    expect(passed).toBe(61);
    expect(log.lines).toHaveLength(61);
    expect(log.text()).not.toContain('203.0.113.9');
  });
});
