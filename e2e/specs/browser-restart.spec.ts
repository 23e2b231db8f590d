import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { test as base, expect, signIn, statusOf } from '../support/test.js';

/** Opens the browser with one profile: again, after it was closed, as a person does. */
const test = base.extend<{ openBrowser: () => Promise<BrowserContext> }>({
  openBrowser: async ({ playwright, browserName, launchOptions, channel }, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'stillhere-profile-'));
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await playwright[browserName].launchPersistentContext(profile, {
        ...launchOptions,
        ...(channel && { channel }),
      });
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
    await rm(profile, { recursive: true, force: true });
  },
});

test.use({ pace: { idleTimeoutSeconds: 120, refreshTokenIdleSeconds: 120, accessTokenTtlSeconds: 240 } });

test('a user whose browser was closed and opened again within the idle limit is still signed in', async ({
  demo,
  openBrowser,
}) => {
  const first = await openBrowser();
  await signIn(await first.newPage(), demo);
  await first.close();
  const page = await (await openBrowser()).newPage();
  await page.goto(`${demo.url}/app`);
  await expect(statusOf(page)).toHaveAttribute('data-status', 'active');
  expect(await page.evaluate(async () => (await fetch('/demo/me')).json())).toEqual({ name: 'Ada' });
});

test.describe('on a shared computer', () => {
  test.use({ pace: { cookieLifetime: 'browser', idleTimeoutSeconds: 120, refreshTokenIdleSeconds: 120 } });

  test('a user whose browser was closed is signed out', async ({ demo, openBrowser }) => {
    const first = await openBrowser();
    await signIn(await first.newPage(), demo);
    await first.close();
    const second = await openBrowser();
    expect((await second.cookies(demo.url)).map(({ name }) => name)).toEqual([]);
    const page = await second.newPage();
    await page.goto(demo.url);
    expect(await page.evaluate(async () => (await fetch('/demo/me')).status)).toBe(401);
  });
});
