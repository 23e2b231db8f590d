import type { BrowserContext, Page } from '@playwright/test';
import type { Demo } from '../demo/demo.js';
import { expectStatus } from './test.js';

const loginUrl = (demo: Demo, returnTo: string): string =>
  `${demo.url}/auth/login?returnTo=${encodeURIComponent(returnTo)}`;

/** Goes through the login, by full navigation: the provider knows who this is and asks nothing. */
export async function signInAgain(page: Page, demo: Demo, returnTo: string): Promise<void> {
  await page.goto(loginUrl(demo, returnTo));
  await page.waitForURL(demo.url + returnTo);
}

/**
 * Goes through the login as anybody, by full navigation, to the page that it ends at. The provider
 * has forgotten who this was; the session of the application goes on till then.
 */
export async function startLogin(page: Page, demo: Demo, name: string, returnTo: string): Promise<void> {
  await page.context().clearCookies({ domain: '127.0.0.1' });
  await page.goto(loginUrl(demo, returnTo));
  await page.getByRole('textbox').first().fill(name);
  await page.keyboard.press('Enter');
  await page.waitForURL(demo.url + returnTo);
}

/** The same, to a page that knows the session. */
export async function signInAs(page: Page, demo: Demo, name: string, returnTo: string): Promise<void> {
  await startLogin(page, demo, name, returnTo);
  await expectStatus(page, 'active');
}

/** The session that the browser names to its pages; `null` where nobody is signed in. */
export async function readableSession(context: BrowserContext, demo: Demo): Promise<string | null> {
  const cookies = await context.cookies(demo.url);
  return cookies.find(({ name }) => name === 'stillhere-session')?.value ?? null;
}

/** The server ends the browser's session, and no page of the browser is told. */
export async function endElsewhere(context: BrowserContext, demo: Demo): Promise<void> {
  const cookies = await context.cookies(demo.url);
  const { status } = await fetch(`${demo.url}/auth/logout`, {
    method: 'POST',
    headers: {
      Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      Origin: demo.url,
      'X-Stillhere': '1',
    },
  });
  if (status !== 200) throw new Error(`The logout was answered with ${status}.`);
}
