import { afterAll, afterEach, beforeAll } from 'vitest';
import { startProvider, type TestProvider } from '../dev-provider/provider.js';

/** Starts a provider for the tests of a file, which lets everything pass again after each. */
export function useProvider(started: (provider: TestProvider) => void): void {
  let provider: TestProvider | undefined;
  beforeAll(async () => {
    provider = await startProvider({ ttl: { accessToken: 60 } });
    started(provider);
  });
  afterEach(() => provider?.fault('pass'));
  afterAll(() => provider?.close());
}
