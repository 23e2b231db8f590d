import { expect, LASTING, signIn, test } from '../support/test.js';

test.use({ pace: LASTING });

test('a page that signs out by fetch gets no token, and its browser is signed out at the provider too', async ({
  page,
  demo,
}) => {
  await signIn(page, demo);
  // Without a keepalive, which would go home by itself.
  await page.goto(`${demo.url}/auth/session`);
  const shown: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(`${demo.issuer}/session/end?`)) shown.push(request.url());
  });
  const body = await page.evaluate(async () => {
    const response = await fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } });
    return response.text();
  });
  expect(JSON.parse(body)).toEqual({ location: `${demo.url}/auth/provider-logout` });
  // No script can read the reference that gets the hint.
  expect(await page.evaluate(() => document.cookie)).not.toContain('stillhere-logout');

  await page.evaluate((text) => location.assign(JSON.parse(text).location), body);
  await page.waitForURL(`${demo.url}/`);
  expect(shown).toHaveLength(1);
  expect(new URL(shown[0] ?? '').searchParams.get('id_token_hint')).toMatch(/^eyJ/);

  // The provider asks who it is: its own session has ended.
  await page.goto(`${demo.url}/auth/login`);
  await expect(page.getByRole('textbox').first()).toBeVisible();
  expect(page.url().startsWith(demo.issuer)).toBe(true);
});

test('a script that signs out without the header gets no token either: its request is led nowhere', async ({
  page,
  demo,
}) => {
  await signIn(page, demo);
  await page.goto(`${demo.url}/auth/session`);
  const told = await page.evaluate(async () => {
    const response = await fetch('/auth/logout', { method: 'POST' });
    return { url: response.url, status: response.status, text: await response.text() };
  });
  expect(told).toEqual({
    ...{ url: `${demo.url}/auth/logout`, status: 200 },
    text: JSON.stringify({ location: `${demo.url}/auth/provider-logout` }),
  });
});
