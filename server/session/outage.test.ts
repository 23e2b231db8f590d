import { expect, it } from 'vitest';
import type { TestProvider } from '../testing/provider.js';
import { HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

it('a session whose user is there outlives an hour in which the provider answers nothing but 500', async () => {
  const { service, open, pass } = serviceAt(provider, { idleTimeout: 600 });
  const { cookie, sessionId } = await open();
  provider.fault({ status: 500 });
  const refused = [];
  // As seldom as a client in its back-off, which is more often than the idle limit.
  for (let minute = 0; minute < 60; minute += 4) {
    pass(240);
    refused.push(await service.beat(cookie, HERE));
  }
  for (const verdict of refused)
    expect(verdict).toMatchObject({
      kind: 'later',
      status: 503,
      reason: 'provider_error',
      sessionId,
      idleExpiresIn: expect.closeTo(600, -1),
    });
  provider.fault('pass');
  pass(240);
  expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
});
