import { expect, it } from 'vitest';
import { type AppUnderTest, isCallback, ORIGIN, startApp } from '../testing/app/app-under-test.js';
import type { LoginProvider } from '../testing/app/login-provider.js';

/**
 * A connection that ends, or that another process does not take: which of them comes first is a
 * race.
 */
const CUT = expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET|ECONNREFUSED)$/);

/** A user comes back from the provider, whose token endpoint fails from then on. */
async function comeBack(own: AppUnderTest, fail: (provider: LoginProvider) => unknown) {
  const browser = own.browser();
  const { url } = await browser.go('/auth/login?returnTo=/form', isCallback);
  await fail(own.provider);
  return { browser, response: await browser.send(url) };
}

/** The page that the user gets, and the log's one line about it. */
async function expectLater({ browser, response }: Awaited<ReturnType<typeof comeBack>>, log: string[], facts: object) {
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('10');
  const page = await response.text();
  expect(page).toContain('Signing in is not possible at the moment.');
  expect(page).toContain(`href="${ORIGIN}/auth/login?returnTo=${encodeURIComponent(`${ORIGIN}/form`)}"`);
  expect(browser.cookies().has('stillhere')).toBe(false);
  const line = log.find((text) => text.includes('login.fail')) ?? '';
  expect(line).toMatch(/^login: the identity provider did not answer /);
  expect(JSON.parse(line.slice(line.indexOf('{')))).toEqual({ event: 'login.fail', ...facts });
}

it.concurrent.each<[string, (provider: LoginProvider) => unknown, object]>([
  ['hangs', ({ fault }) => fault('hang'), { reason: 'provider_timeout', detail: 'TimeoutError' }],
  ['cuts the connection', ({ fault }) => fault('drop-before'), { reason: 'provider_unreachable', detail: CUT }],
  ['is gone', ({ close }) => close(), { reason: 'provider_unreachable', detail: CUT }],
  ['fails', ({ fault }) => fault({ status: 500 }), { reason: 'provider_error', detail: 'status 500' }],
  [
    'is stopped behind a proxy',
    ({ fault }) => fault({ status: 502 }),
    { reason: 'provider_error', detail: 'status 502' },
  ],
  ['has too much to do', ({ fault }) => fault({ status: 429 }), { reason: 'provider_error', detail: 'status 429' }],
  ['is behind a page of a proxy', ({ fault }) => fault('html'), { reason: 'provider_error', detail: 'status 200' }],
  [
    'is behind a firewall',
    ({ fault }) => fault({ status: 400, body: '<h1>No</h1>' }),
    { reason: 'provider_error', detail: 'status 400' },
  ],
  [
    'answers without end',
    ({ fault }) => fault({ status: 200, body: ' '.repeat(2_000_000) }),
    { reason: 'provider_error', detail: 'ANSWER_TOO_LONG' },
  ],
])(
  'a login whose provider %s is told to try again, and nothing of its code',
  async (_, fail, facts) => {
    const own = await startApp();
    await expectLater(await comeBack(own, fail), own.log, facts);
    await own.close();
  },
  60_000,
);

it.concurrent('a login that comes back to a process which has never reached the provider is told to try again', async () => {
  const [own, other] = [await startApp(), await startApp()];
  await other.provider.close();
  const browser = own.browser();
  const { url } = await browser.go('/auth/login?returnTo=/form', isCallback);
  const cookie = [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await other.app.request(url, { headers: { Cookie: cookie } });
  await expectLater({ browser, response }, other.log, { reason: 'provider_unreachable', detail: 'ECONNREFUSED' });
  for (const app of [own, other]) await app.close();
});

it.concurrent.each(['invalid_grant', 'access_denied'])(
  'a login whose code the provider refuses with %s was not completed',
  async (error) => {
    const own = await startApp();
    const { response } = await comeBack(own, ({ fault }) => fault({ status: 400, body: JSON.stringify({ error }) }));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('The sign-in was not completed.');
    expect(own.log.at(-1)).toMatch(new RegExp(`^login: the answer was not accepted .*"detail":"${error}"`));
    await own.close();
  },
);
