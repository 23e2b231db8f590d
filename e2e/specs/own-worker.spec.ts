import { ownWorkerSite } from '../support/own-worker/own-worker-site.js';
import { expectOneBeatPerInterval } from '../support/pace.js';
import { events, told } from '../support/page-log.js';
import { test as base, expect, expectStatus, openTab, signIn, typeFor } from '../support/test.js';

const test = base.extend({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  around: async ({}, use) => use(await ownWorkerSite()),
});

test("startKeepaliveWorker in an application's own worker keeps the session of all its tabs, and leaves the rest alone", async ({
  page,
  context,
  demo,
  server,
}) => {
  await signIn(page, demo, 'Ada', '/own/');
  const other = await openTab(context, demo, '/own/');
  await page.bringToFront();
  // Longer than the idle limit.
  await typeFor(page, 12);
  for (const tab of [page, other]) await expectStatus(tab, 'active');
  expect((await events(page, 'host')).map(({ host }) => host)).toEqual(['worker']);
  await expectOneBeatPerInterval(page, server, demo.settings);
  for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe('/own/app-worker.js');
  const workers = await page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ active, scope }) => ({
      script: new URL(active?.scriptURL ?? '').pathname,
      scope: new URL(scope).pathname,
    })),
  );
  expect(workers).toEqual([{ script: '/own/app-worker.js', scope: '/own/' }]);

  // Its own messages and requests are answered as ever.
  const own = await page.evaluate(async () => {
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<unknown>((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
    });
    (await navigator.serviceWorker.ready).active?.postMessage('Who are you?', [port2]);
    return [await answer, await (await fetch('/own/from-worker')).text()];
  });
  expect(own).toEqual(['The worker of the application.', 'Answered by the worker of the application.']);

  for (const tab of [page, other]) await expectStatus(tab, 'expired');
  for (const tab of [page, other]) {
    expect((await told(tab, 'onExpired')).map(({ value }) => value.reason)).toEqual(['idle_timeout']);
    expect(await events(tab, 'end')).toHaveLength(1);
  }
});
