import { expect, it } from 'vitest';
import { type AppUnderTest, ORIGIN } from '../testing/app/app-under-test.js';
import type { ServedApp } from '../testing/app/served-app.js';
import { useServedApp } from '../testing/app/use-served-app.js';

let test: AppUnderTest;
let served: ServedApp;
useServedApp((startedTest, startedServed) => {
  test = startedTest;
  served = startedServed;
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
