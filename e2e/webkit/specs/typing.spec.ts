import { expect, test } from 'vitest';
import { gaps, grantsOf, PACE } from '../../support/beats.js';
import { expectStatus, setStage, signIn, typeFor } from '../support/webkit.js';

/** How long after the limit an end may show. */
const SHOWN_WITHIN_MS = 2_000;

test('typing for three times the idle limit keeps the session, and hands off, its end is shown', async () => {
  const stage = await setStage();
  const { first, server, provider } = stage;
  await signIn(stage);
  await typeFor(first, 3 * PACE.refreshTokenIdleSeconds);
  await expectStatus(first, 'active');
  expect(await first.events('end')).toEqual([]);
  // The same provider, the same limits, nobody telling it: the session left alone has ended
  // meanwhile.
  await expect.poll(() => first.run("return document.getElementById('alone-status').dataset.status")).toBe('expired');
  expect(server.beats.filter(({ activity }) => activity === 'user').length).toBeGreaterThanOrEqual(6);
  // Fewer than three grants could not carry refresh tokens that idle out after a third of the time.
  const made = grantsOf(provider);
  expect(made.length).toBeGreaterThanOrEqual(3);
  // Never two for one: the next comes when most of the access token's life is over.
  expect(Math.min(...gaps(made))).toBeGreaterThanOrEqual(500 * PACE.accessTokenTtlSeconds);

  // Hands off.
  await expectStatus(first, 'expired');
  expect(await first.run("return document.getElementById('over').open")).toBe(true);
  expect(await first.run("return document.getElementById('over-reason').textContent")).toBe('idle_timeout');
  expect(await first.run("return document.getElementById('summary').value")).toMatch(/^a+$/);
  const limit = (await first.told('onRefreshed')).at(-1)?.value.idleExpiresAt ?? Number.NaN;
  const shown = (await first.log()).find(({ callback, value }) => callback === 'shown' && value === 'over');
  const late = (shown?.at ?? Number.NaN) - limit;
  console.log(`webkit: the end was shown ${late} ms after the limit`);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThanOrEqual(SHOWN_WITHIN_MS);
});
