import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { DemoSettings } from '../demo/settings.js';
import { auditLayout, findUnnamed } from '../support/audit-page.js';
import { expect, expectStatus, signIn, test, typeFor } from '../support/test.js';

/** Phones, a tablet, desktops, and a desktop at 200 %. */
const SIZES = [
  [360, 740],
  [390, 844],
  [768, 1024],
  [1280, 900],
  [1920, 1080],
  [640, 450],
] as const;
/** For what is looked at when the session has ended. */
const SHORT = {
  beatIntervalSeconds: 1,
  activeWindowSeconds: 2,
  idleTimeoutSeconds: 6,
  refreshTokenIdleSeconds: 12,
} satisfies Partial<DemoSettings>;
const LONG_NAME = 'Bartholomew-Christopher Featherstonehaugh-Cholmondeley';

/** Presses Tab until `id` has the focus. */
async function tabTo(page: Page, id: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press(key);
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
  }
  throw new Error(`40 times ${key} did not reach #${id}`);
}

async function expectNoFaults(page: Page): Promise<void> {
  expect(await findUnnamed(page)).toEqual([]);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    expect({ width, faults: await auditLayout(page) }).toEqual({ width, faults: [] });
  }
}

test.describe('with a warning', () => {
  test.use({ pace: { warnBeforeSeconds: 5 } });

  test('the whole story works by keyboard: sign in, type, be warned, stay, sign out', async ({ page, demo }) => {
    await page.goto(`${demo.url}/`);
    await tabTo(page, 'sign-in');
    await page.keyboard.press('Enter');
    // The provider's page has its one field in focus.
    await expect(page.getByLabel('Your name')).toBeFocused();
    await page.keyboard.type('Ada');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.url}/app`);
    await expectStatus(page, 'active');

    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the form' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect(page.getByTestId('field-project')).toBeFocused();
    await page.keyboard.type('A garden');

    const warning = page.getByTestId('warning');
    await expect(warning).toBeVisible();
    await expect(page.getByTestId('field-project')).toBeFocused();
    await page.keyboard.type(' for all');
    await expect(warning).toBeHidden();
    await expect(page.getByTestId('field-project')).toHaveValue('A garden for all');

    await tabTo(page, 'summary');
    await expect(warning).toBeVisible();
    await page.getByTestId('stay').focus();
    await page.keyboard.press('Enter');
    await expect(warning).toBeHidden();
    await expect(page.getByTestId('field-summary')).toBeFocused();
    await expectStatus(page, 'active');

    await tabTo(page, 'sign-out', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('sign-in')).toHaveText('Sign in and try it');
  });

  test('a countdown is announced once, not every second @chromium-only', async ({ page, demo }) => {
    await signIn(page, demo);
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      for (const region of document.querySelectorAll('[aria-live]:not([aria-live="off"])')) {
        new MutationObserver(() => heard.push(region.textContent ?? '')).observe(region, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      }
    });
    await expect(page.getByTestId('warning')).toBeVisible();
    await expectStatus(page, 'expired');
    const heard = await page.evaluate(() => (window as Window & { heard?: string[] }).heard ?? []);
    expect(heard.filter((text) => text.startsWith('Your session ends in'))).toHaveLength(1);
    // Besides: the coach's steps, the warning taken back, and the hint of the dialog.
    expect(heard.length).toBeLessThanOrEqual(6);
  });
});

test('every stop of the keyboard is visible and in view', async ({ page, demo }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, demo, LONG_NAME);
  const hidden: string[] = [];
  for (let at = ''; at !== 'open-tab'; ) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const y = Math.min(Math.max(top, 0), innerHeight) + Math.min(bottom, innerHeight);
      const hit = document.elementFromPoint((left + right) / 2, y / 2);
      const { outlineStyle } = getComputedStyle(element);
      return {
        id: element.id || element.localName,
        // In a frame the browser draws the focus around what has it there.
        isMarked: element.localName === 'iframe' || outlineStyle !== 'none',
        isInView:
          hit !== null &&
          (element.contains(hit) || hit.contains(element)) &&
          hit.closest('.strip') === element.closest('.strip'),
      };
    });
    if (!stop.isMarked || !stop.isInView) hidden.push(JSON.stringify(stop));
    at = stop.id;
  }
  expect(hidden).toEqual([]);
});

test.describe('in the dark, with a warning', () => {
  test.use({ pace: { warnBeforeSeconds: 57, idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60 } });
  test('nothing is clipped, overlapping or faint either @chromium-only', async ({ page, demo }) => {
    // A colour in transition is neither the old nor the new one.
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.goto(`${demo.url}/`);
    await expectNoFaults(page);
    await page.getByTestId('sign-in').click();
    await expect(page.getByLabel('Your name')).toBeVisible();
    await expectNoFaults(page);
    await signIn(page, demo);
    await expect(page.getByTestId('warning')).toBeVisible();
    await expectNoFaults(page);
  });
});

test.describe('with a session that ends soon', () => {
  test.use({ pace: SHORT });

  test('no page is clipped, overlapping, faint or unlabelled, at any width @chromium-only', async ({ page, demo }) => {
    await page.goto(`${demo.url}/`);
    await expectNoFaults(page);
    await page.getByTestId('sign-in').click();
    await expect(page.getByLabel('Your name')).toBeVisible();
    await expectNoFaults(page);
    await page.getByLabel('Your name').fill(LONG_NAME);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${demo.url}/app`);
    await expectStatus(page, 'active');
    await expect(page.getByTestId('who')).toHaveText(LONG_NAME);
    await expectNoFaults(page);
    await expectStatus(page, 'expired');
    await expectNoFaults(page);
  });

  test('the end takes the focus to its heading, keeps it in the dialog, and gives it back', async ({ page, demo }) => {
    await signIn(page, demo);
    const field = page.getByTestId('field-summary');
    await typeFor(page, 1);
    await expectStatus(page, 'expired');
    // Not a button: who is typing just then presses nothing.
    await expect(page.getByRole('heading', { name: 'Your session has ended' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('alertdialog', { name: 'Your session has ended' })).toBeVisible();
    await page.keyboard.press('Tab');
    const again = page.getByTestId('sign-in-again');
    await expect(again).toBeFocused();
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')]);
    // The provider still knows the visitor: the window signs in and closes by itself.
    if (!popup.isClosed()) await popup.waitForEvent('close');
    await expectStatus(page, 'active');
    await expect(page.getByTestId('over')).toBeHidden();
    await expect(field).toBeFocused();
  });

  test('a page whose session may be over is covered, without a focus move that would look like somebody', async ({
    page,
    demo,
  }) => {
    await signIn(page, demo);
    await typeFor(page, 1);
    await demo.close();
    const veil = page.getByTestId('veil');
    await expect(veil).toBeVisible();
    await expect(page.getByTestId('field-summary')).not.toBeFocused();
    expect(await findUnnamed(page)).toEqual([]);
    expect(await auditLayout(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await expect(page.getByTestId('veil-check')).toBeFocused();
  });

  test('every page keeps to the policy that the README shows', async ({ page, demo, context }) => {
    const broken: string[] = [];
    await context.exposeFunction('reportViolation', (text: string) => broken.push(text));
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        const { reportViolation } = window as Window & { reportViolation?(text: string): void };
        reportViolation?.(`${location.pathname}: ${violatedDirective} ${blockedURI}`);
      });
    });
    page.on('console', (message) => {
      if (/content.security.policy/i.test(message.text())) broken.push(message.text());
    });

    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const shown = /^default-src 'none';[^`]*/m.exec(readme)?.[0].trim().replace(/\s+/g, ' ');
    const expected = shown?.replace('https://id.example', new URL(demo.issuer).origin);
    for (const path of ['/', '/page/1', '/editor.html', '/demo/finished']) {
      const response = await page.goto(demo.url + path);
      expect({ path, policy: response?.headers()['content-security-policy'] }).toEqual({ path, policy: expected });
    }

    await signIn(page, demo);
    await typeFor(page, 1);
    const editor = page.frameLocator('[data-testid="editor-frame"]');
    await editor.getByRole('button', { name: 'Bold' }).click();
    await typeFor(page, 1, editor.getByTestId('editor'));
    await page.getByTestId('kill-worker').click();
    await expect(page.locator('[data-testid="timeline-row"]', { hasText: 'The worker was killed' })).toBeVisible();
    await expectStatus(page, 'expired');
    await page.getByTestId('leave').click();
    await expect(page.getByTestId('sign-in')).toBeVisible();
    expect(broken).toEqual([]);
  });
});
