import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, startApp } from '../testing/app/app-under-test.js';
import { type ServedApp, serveApp } from '../testing/app/served-app.js';

/** The limit lets 60 through at once, and one more a second. */
const AT_ONCE = 60;

const proxies = { trusted: ['127.0.0.1', '10.0.0.0/8'], other: ['10.0.0.1'] };
const warned = 'a trusted proxy names a visitor by something that is no IP address';

/**
 * Sends 90 logins over a socket, as one visitor whose address is written in turn in each of these
 * ways; how many pass.
 */
async function logins(served: ServedApp, spellings: readonly string[]): Promise<number> {
  let passed = 0;
  for (let n = 0; n < 90; n += 1) {
    const spelling = spellings[n % spellings.length];
    const headers = spelling === undefined ? {} : { 'X-Forwarded-For': spelling };
    const { status, headers: answered } = await served.ask('/auth/login', { headers });
    if (status === 303) passed += 1;
    else expect([status, Number(answered['retry-after']) > 0]).toEqual([429, true]);
  }
  return passed;
}

async function serveBehind(trustedProxies: string[] | undefined) {
  const test = await startApp(trustedProxies ? { trustedProxies } : {});
  const served = await serveApp(test.app);
  return { test, served, close: () => served.close().then(() => test.close()) };
}

describe('90 logins of one visitor through a trusted proxy', () => {
  let test: AppUnderTest;
  let served: ServedApp;
  let close = async (): Promise<void> => {};
  beforeAll(async () => {
    ({ test, served, close } = await serveBehind(proxies.trusted));
  });
  afterAll(() => close());

  it.each([
    ['IPv4', ['203.0.113.10']],
    ['IPv4 with a port', ['203.0.113.2:40001', '203.0.113.2:40002']],
    ['IPv6 with brackets and a port', ['[2001:db8:1::1]:40001', '[2001:db8:1::1]:40002']],
    ['IPv6 in brackets, of one customer', ['[2001:db8:2::1]', '[2001:db8:2::2]', '2001:db8:2:0::3']],
    ['one IPv4 in turn in five ways', ['203.0.113.11', '::ffff:cb00:710b', '::ffff:203.0.113.11', '203.0.113.11:1']],
    ['behind a second proxy, with its port', ['203.0.113.12, 10.0.0.2:443', '203.0.113.12:9, [::ffff:10.0.0.2]:443']],
    ['after an address that the visitor made up', ['1.2.3.4, 203.0.113.13', '1.2.3.5, 203.0.113.13']],
    ['by a word that is no address', ['unknown']],
  ])('(%s) are limited', async (_, spellings) => {
    const startedAt = performance.now();
    const passed = await logins(served, spellings);
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(passed).toBeGreaterThanOrEqual(AT_ONCE);
    expect(passed).toBeLessThanOrEqual(AT_ONCE + 1 + seconds);
  });

  it('are counted for each visitor alone', async () => {
    const { status } = await served.ask('/auth/login', { headers: { 'X-Forwarded-For': '203.0.113.99' } });
    expect(status).toBe(303);
  });

  it('have an address that cannot be read told once', () => {
    expect(test.log.filter((line) => line.startsWith(warned))).toEqual([
      `${warned} {"event":"address.unreadable","entry":"unknown"}`,
    ]);
  });

  it('are not limited if the proxy names nobody, which is told once', async () => {
    expect(await logins(served, [])).toBe(90);
    expect(test.log.filter((line) => line.includes('sends no X-Forwarded-For'))).toHaveLength(1);
  });
});

describe('an address that no trusted proxy names', () => {
  it.each([
    ['without trusted proxies', undefined],
    ['from another peer', proxies.other],
  ])('limits nobody (%s): it would be the one of the proxy, or made up', async (_, trusted) => {
    const { test, served, close } = await serveBehind(trusted);
    expect(await logins(served, ['203.0.113.9'])).toBe(90);
    expect(test.log.filter((line) => !line.includes('"login.begin"'))).toEqual([]);
    await close();
  });
});
