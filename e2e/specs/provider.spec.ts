import type { TokenFault } from '../demo/provider-controls.js';
import { expectRetryAfterObeyed, gaps } from '../support/pace.js';
import { expect, expectKept, grantsOf, signIn, test, typeUntil } from '../support/test.js';

// The provider is away for longer than a beat and its access tokens live, and shorter than it lets
// a refresh token idle.
test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 240, accessTokenTtlSeconds: 6 } });

/** A request that hangs is listened to for a minute, and no other one is sent meanwhile. */
const LISTENS_SECONDS = 60;
/** An hour, at this pace: ten intervals. The others last until a beat had to wait. */
const FAILING_FOR_MS = 20_000;

const FAULTS = ['down', 'failing', 'hanging', 'busy'] as const satisfies readonly (TokenFault | 'down')[];

for (const fault of FAULTS) {
  test(`a provider that is ${fault} logs nobody out, and the pace is what the server asks`, async ({
    page,
    demo,
    server,
    provider,
  }) => {
    test.setTimeout(240_000);
    await signIn(page, demo);
    const asked = provider.tokenRequests.length;
    const beaten = server.beats.length;
    const from = Date.now();
    const isLongEnough = () => fault !== 'failing' || Date.now() - from > FAILING_FOR_MS;
    if (fault === 'down') await provider.stop();
    else provider.setFault(fault);

    // A refusal, and the beat that had to wait after it.
    const refusal = () => server.beats.findIndex(({ answer }) => answer?.status === 503);
    await typeUntil(page, () => refusal() >= 0 && server.beats.length > refusal() + 1 && isLongEnough(), {
      seconds: 60,
    });
    await expectKept(page);
    expect(server.beats[refusal()]?.answer?.retryAfter).toBeGreaterThanOrEqual(1);

    // A provider that is in trouble is asked by beats alone, three times at most where its answer
    // says nothing about the grant.
    expect(provider.tokenRequests.length - asked).toBeLessThanOrEqual(3 * (server.beats.length - beaten));

    if (fault === 'down') await provider.start();
    else provider.setFault('none');
    const before = grantsOf(provider).length;
    await typeUntil(page, () => grantsOf(provider).length > before && server.beats.at(-1)?.answer?.status === 200, {
      seconds: LISTENS_SECONDS + 60,
    });
    await expectKept(page);
    expect(expectRetryAfterObeyed(server.beats)).toBeGreaterThanOrEqual(1);
    // A provider that says 429 and names 5 s is asked by nobody before they are over.
    if (fault === 'busy') expect(gaps(provider.tokenRequests.slice(asked))[0]).toBeGreaterThanOrEqual(5_000);
  });
}
