import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AppUnderTest, ORIGIN, startApp } from './testing/app-under-test.js';
import { type ServedApp, serveApp } from './testing/served-app.js';

let test: AppUnderTest;
let served: ServedApp;
beforeAll(async () => {
  test = await startApp();
  served = await serveApp(test.app);
});
afterAll(async () => {
  await served.close();
  await test.close();
});

// It sends `Sec-Fetch-Mode: cors`, as scripts in browsers do, and no destination.
it("a client that is no browser signs in and out as a page does: Node's fetch", async () => {
  const browser = test.browser();
  await test.signIn(browser);
  const Cookie = `stillhere=${browser.cookies().get('stillhere')}`;
  const ask = (path: string, method: string) =>
    fetch(`${served.address}/auth${path}`, { method, headers: { Cookie, Origin: ORIGIN }, redirect: 'manual' });
  const answers = [await ask('/login', 'GET'), await ask('/logout', 'POST')];
  for (const { status, headers } of answers) {
    expect(status).toBe(303);
    expect(headers.get('location')?.startsWith(test.provider.issuer)).toBe(true);
  }
});
