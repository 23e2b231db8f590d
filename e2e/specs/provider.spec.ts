import type { TokenFault } from '../demo/provider-controls.js';
import { counts, expect, expectStatus, signIn, test, timeline, typeFor } from '../support/test.js';

// The provider is away for longer than a beat and its access tokens live, and shorter than it lets a refresh token idle.
test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 6 } });

const AWAY_SECONDS = 10;

test('a provider that is down logs nobody out', async ({ page, demo }) => {
  await signIn(page, demo);
  await demo.provider?.stop();
  await typeFor(page, AWAY_SECONDS);
  await expectStatus(page, 'active');
  await demo.provider?.start();
  const before = await counts(page);
  await typeFor(page, AWAY_SECONDS);
  await expectStatus(page, 'active');
  expect((await counts(page)).grants).toBeGreaterThan(before.grants);
  expect(await timeline(page, 'end')).toEqual([]);
});

for (const fault of ['busy', 'failing', 'hanging'] satisfies TokenFault[]) {
  test(`a provider that is ${fault} logs nobody out, and the next good answer refreshes`, async ({ page, demo }) => {
    await signIn(page, demo);
    demo.provider?.setFault(fault);
    await typeFor(page, AWAY_SECONDS);
    await expectStatus(page, 'active');
    expect(await timeline(page, 'end')).toEqual([]);
    // Whatever the fault, the pace is what the server asked for: at most a beat for each interval.
    expect((await timeline(page, 'beat')).length).toBeLessThanOrEqual(AWAY_SECONDS);
    demo.provider?.setFault('none');
    const before = await counts(page);
    await expect
      .poll(
        async () => {
          await typeFor(page, 1);
          return (await counts(page)).grants;
        },
        { timeout: 60_000 },
      )
      .toBeGreaterThan(before.grants);
    await expectStatus(page, 'active');
  });
}
