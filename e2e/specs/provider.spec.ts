import { expect, expectStatus, signIn, test, timeline, typeFor } from '../support/test.js';

test('a provider that is down logs nobody out', async ({ page, demo }) => {
  await signIn(page, demo);
  await demo.provider?.stop();
  await typeFor(page, 12);
  await expectStatus(page, 'active');
  expect(await timeline(page, 'end')).toHaveLength(0);
  await demo.provider?.start();
  await typeFor(page, 8);
  await expectStatus(page, 'active');
});

test('a provider that answers 429 logs nobody out, and is asked at its own pace', async ({ page, demo }) => {
  await signIn(page, demo);
  await demo.provider?.setBusy(true);
  await typeFor(page, 10);
  await expectStatus(page, 'active');
  await demo.provider?.setBusy(false);
  await typeFor(page, 8);
  await expectStatus(page, 'active');
  expect(await timeline(page, 'end')).toHaveLength(0);
});
