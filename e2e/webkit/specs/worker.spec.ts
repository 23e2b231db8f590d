import { expect, test } from 'vitest';
import { setStage, signIn } from '../support/webkit.js';

test('signing in registers the worker at a scope of its own, and the session is active', async () => {
  const stage = await setStage();
  const { first, demo, server } = stage;
  await signIn(stage);

  await expect
    .poll(async () => (await first.events('host')).map(({ host }) => host), { timeout: 15_000 })
    .toEqual(['worker']);
  const [told] = await first.told('onRefreshed');
  // News may come before the worker's own reply, which is what tells of the host.
  expect(told?.value).toMatchObject({ status: 'active', shared: true });
  expect(await first.events('error')).toEqual([]);

  const workers = await first.run<{ scope: string; script: string; state: string }[]>(
    `const all = await navigator.serviceWorker.getRegistrations();
     return all.map(({ scope, active }) => ({ scope, script: active?.scriptURL.split('?')[0], state: active?.state }));`,
  );
  expect(workers).toHaveLength(1);
  expect(workers[0]).toMatchObject({ script: `${demo.url}/auth/stillhere-sw.js`, state: 'activated' });
  expect(workers[0]?.scope).toMatch(`${demo.url}/auth/stillhere-scope/`);
  // It is the worker that asks, and it controls no page.
  expect(server.beats.length).toBeGreaterThanOrEqual(1);
  for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe('/auth/stillhere-sw.js');
  expect(await first.run('return navigator.serviceWorker.controller')).toBeNull();
});
