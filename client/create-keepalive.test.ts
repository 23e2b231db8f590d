import { expect, it } from 'vitest';
import { createKeepalive } from './index.js';

it('does nothing on a server, and throws nothing', async () => {
  const keepalive = createKeepalive({ endpoint: '/auth/heartbeat', onExpired: () => undefined });
  const before = keepalive.snapshot();
  keepalive.start();
  keepalive.touch();
  const unsubscribe = keepalive.subscribe(() => undefined);
  unsubscribe();
  expect(await keepalive.extend()).toBe('unavailable');
  expect(await keepalive.signIn()).toBe('unavailable');
  await keepalive.signedOut();
  await keepalive.stop({ forget: true });
  expect(keepalive.snapshot()).toBe(before);
  expect(before).toMatchObject({ status: 'unknown', host: 'none', sessionId: null });
});
