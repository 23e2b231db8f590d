import { expectWithin } from '../support/machine.js';
import { test } from '../support/own-site.js';
import { reportedAt } from '../support/server-log.js';
import { snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, signInThere } from '../support/test.js';

const IDLE_MS = 10_000;
/**
 * What is under way between a page, the worker and the server makes activity look later than it
 * was.
 */
const UNDER_WAY_MS = 2_000;

test.use({ ownSessions: { idleMs: IDLE_MS } });

test('text that an extension puts into the field in use counts for one idle limit after the user was seen, and no longer', async ({
  page,
  site,
  server,
}) => {
  await signInThere(page, site.url);
  await page.getByTestId('field-summary').click();
  const clickedAt = Date.now();
  await page.evaluate(() => {
    const field = document.querySelector('textarea');
    setInterval(() => {
      if (field) field.value += 'a';
      field?.dispatchEvent(new Event('input', { bubbles: true }));
    }, 500);
  });

  await expect.poll(() => Date.now() - clickedAt, { timeout: 2 * IDLE_MS }).toBeGreaterThan(1.3 * IDLE_MS);
  expect((await snapshotOf(page)).status).toBe('active');
  await expectStatus(page, 'expired', 3 * IDLE_MS);
  expect((await told(page, 'onExpired'))[0]?.value.reason).toBe('idle_timeout');
  const reported = reportedAt(server.beats);
  expect(reported - clickedAt).toBeGreaterThan(IDLE_MS / 2);
  expectWithin(IDLE_MS + UNDER_WAY_MS, clickedAt, reported);
});

test('text that a script puts into another field than the one in use, or into a page that was never used, counts for nobody', async ({
  page,
  site,
  server,
}) => {
  await signInThere(page, site.url);
  const openedAt = Date.now();
  await page.evaluate(() => {
    const [field, other] = [document.querySelector('textarea'), document.createElement('input')];
    document.body.append(other);
    field?.focus();
    setInterval(() => {
      other.value += 'a';
      for (const target of [other, document, window]) target.dispatchEvent(new Event('input', { bubbles: true }));
    }, 500);
  });
  await expectStatus(page, 'expired', 3 * IDLE_MS);
  expectWithin(UNDER_WAY_MS, openedAt, reportedAt(server.beats));
});
