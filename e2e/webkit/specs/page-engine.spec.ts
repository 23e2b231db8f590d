import { expect, test } from 'vitest';
import { gaps, grantsOf, PACE } from '../../support/beats.js';
import { expectPace } from '../support/pace.js';
import { expectToldTogether } from '../support/reaches-all.js';
import { expectStatus, setStage, signIn, typeFor } from '../support/webkit.js';

const PATH = '/app?worker=off';

test('without a worker, two windows do the same: one request, one grant, one end', async () => {
  const stage = await setStage();
  const { first, demo, server, provider } = stage;
  await signIn(stage, PATH);
  const second = await stage.open('window', PATH);
  const tabs = [first, second];
  // Longer than the idle limit: without beats it would be over.
  await typeFor(first, 7);
  await typeFor(second, 6);
  for (const tab of tabs) {
    await expectStatus(tab, 'active');
    expect((await tab.events('host')).map(({ host }) => host)).toEqual(['page']);
  }
  expect((await first.told('onRefreshed'))[0]?.value).toMatchObject({ host: 'page', shared: true });
  expect(await first.run('return navigator.serviceWorker.getRegistrations().then((all) => all.length)')).toBe(0);
  await expectPace(first, server, demo.settings);
  for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe('/app');
  // One grant whenever one is due, whichever tab asks: the next comes when most of the access
  // token's life is over.
  const made = grantsOf(provider);
  expect(made.length).toBeGreaterThanOrEqual(2);
  expect(Math.min(...gaps(made))).toBeGreaterThanOrEqual(500 * PACE.accessTokenTtlSeconds);

  // Hands off: it ends, in both together, once.
  for (const tab of tabs) await expectStatus(tab, 'expired');
  for (const { value } of await expectToldTogether(tabs, 'onExpired')) expect(value.reason).toBe('idle_timeout');
  for (const tab of tabs) expect(await tab.events('end')).toHaveLength(1);
});
