import { expect, it } from 'vitest';
import { PATIENCE, useReadyMadeServer } from '../testing/processes/ready-made-server.js';
import { startRedis } from '../testing/processes/redis-server.js';

const { beat, beatUntilRefreshed, expectNoSecretIn, newBrowser, newFolder, origin, passTo, signIn, startServer } =
  useReadyMadeServer();

it('the ready-made server shares sessions over Redis with the servers of other hosts, and ends none of them while Redis is away', async () => {
  const redis = await startRedis();
  try {
    const shared = { STORE: 'redis', REDIS_URL: redis.url };
    const one = await startServer(newFolder(), shared);
    const two = await startServer(newFolder(), shared);
    const browser = newBrowser();
    await signIn(browser);
    await beatUntilRefreshed(browser);
    passTo((await one.logged('listening')).address);
    expect((await beat(browser)).status).toBe(200);
    await beatUntilRefreshed(browser);

    await redis.stop();
    await expect.poll(async () => (await (await beat(browser)).json()).reason, PATIENCE).toBe('store_unavailable');
    await one.logged('the connection to Redis was lost');
    await redis.restart();
    await beatUntilRefreshed(browser);

    const out = await browser.send('/auth/logout', { method: 'POST', headers: { Origin: origin() } });
    expect(out.status).toBe(303);
    for (const server of [one, two]) {
      expect(await server.end('SIGTERM')).toBe(0);
      expectNoSecretIn(server.output());
    }
  } finally {
    await redis.close();
  }
});
