import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { parseProxies } from './client-address.js';
import { limitLogins } from './limit-logins.js';
import { memoryRateLimiter } from './session/rate-limit.js';

/** The clock of the limit stands still, so that a slow machine lets no more through. */
function appBehind(proxies: string[] | null) {
  const app = new Hono();
  const limiter = memoryRateLimiter({ perMinute: 60, burst: 0, now: () => 0 });
  app.use('/login', limitLogins(proxies && parseProxies(proxies), limiter));
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
});
