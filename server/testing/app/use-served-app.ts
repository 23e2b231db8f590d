import { afterAll, beforeAll } from 'vitest';
import { type AppUnderTest, startApp } from './app-under-test.js';
import { type ServedApp, serveApp } from './served-app.js';

/**
 * An application for all tests of a file, served over a real socket. `use` is called before the
 * first.
 */
export function useServedApp(use: (test: AppUnderTest, served: ServedApp) => void): void {
  let test: AppUnderTest;
  let served: ServedApp;
  beforeAll(async () => {
    test = await startApp();
    served = await serveApp(test.app);
    use(test, served);
  });
  afterAll(async () => {
    await served.close();
    await test.close();
  });
}
