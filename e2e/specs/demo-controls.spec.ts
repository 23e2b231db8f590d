import type { Locator, Page } from '@playwright/test';
import {
  test as base,
  expect,
  expectKept,
  expectStatus,
  grantsOf,
  openTab,
  signIn,
  typeUntil,
} from '../support/test.js';

const test = base.extend<{ applications: Record<string, unknown>[] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  applications: async ({}, use) => use([]),
  around: async ({ applications }, use) =>
    use((site) => async (request) => {
      if (new URL(request.url).pathname === '/demo/applications') applications.push(await request.clone().json());
      return site(request);
    }),
});

const rows = (page: Page, text: string | RegExp) => page.getByTestId('timeline-row').filter({ hasText: text });

/** The seconds that the page shows there; `NaN` where it shows none. */
const secondsAt = async (page: Page, id: string): Promise<number> =>
  Number.parseInt((await page.getByTestId(id).textContent()) ?? '', 10);

/** What a switch of the provider says of itself, its hint included. */
async function expectSwitch(button: Locator, on: boolean, label: string, hint: RegExp): Promise<void> {
  await expect(button).toHaveText(label);
  await expect(button).toHaveAttribute('data-on', String(on));
  await expect(button).toHaveAccessibleDescription(hint);
}

test.describe('with grants that come due again and again', () => {
  test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 3 } });

  test('a click stops the provider and nobody is logged out, and a second click starts it again @chromium-only', async ({
    page,
    demo,
    server,
    provider,
  }) => {
    await signIn(page, demo);
    const power = page.getByTestId('provider-power');
    await expectSwitch(power, false, 'Stop the provider', /^It is running\./);

    await power.click();
    await expectSwitch(power, true, 'Start the provider', /^It is stopped\. Nobody is logged out/);
    await expect(rows(page, 'The provider was stopped: beats go on, the session is kept')).toHaveCount(1);
    expect(provider.state.running).toBe(false);
    // A beat that could not refresh, and the next one after it.
    const refused = () => server.beats.findIndex(({ answer }) => answer?.status === 503);
    await typeUntil(page, () => refused() >= 0 && server.beats.length > refused() + 1);
    await expect(rows(page, /^[\d:]+Not now: .+ The session is kept/).first()).toBeVisible();
    await expectStatus(page, 'active');
    await expect(page.getByTestId('over')).toBeHidden();

    await power.click();
    await expectSwitch(power, false, 'Stop the provider', /^It is running\./);
    await expect(rows(page, 'The provider runs again')).toHaveCount(1);
    expect((await fetch(`${demo.issuer}/.well-known/openid-configuration`)).ok).toBe(true);
    await expectKept(page);
  });

  test('a click makes the provider answer 429 and nobody is logged out, and a click in another tab lets it answer again @chromium-only', async ({
    page,
    context,
    demo,
    server,
    provider,
  }) => {
    await signIn(page, demo);
    const tabs = [page, await openTab(context, demo)];
    await page.bringToFront();
    await expectSwitch(page.getByTestId('provider-busy'), false, 'Make it answer 429', /^Too many requests/);

    await page.getByTestId('provider-busy').click();
    for (const tab of tabs) {
      const hint = /^It answers 429\. Nobody is logged out/;
      await expectSwitch(tab.getByTestId('provider-busy'), true, 'Let it answer again', hint);
      await expect(rows(tab, 'The provider answers 429 from now on')).toHaveCount(1);
    }
    expect(provider.state.busy).toBe(true);
    await typeUntil(page, () => server.beats.some(({ answer }) => answer?.status === 503));
    for (const tab of tabs) {
      await expect(rows(tab, /^[\d:]+Not now: .+ The session is kept/).first()).toBeVisible();
      await expectStatus(tab, 'active');
    }

    await tabs[1]?.getByTestId('provider-busy').click();
    for (const tab of tabs) {
      await expectSwitch(tab.getByTestId('provider-busy'), false, 'Make it answer 429', /^Too many requests/);
      await expect(rows(tab, 'The provider answers again')).toHaveCount(1);
    }
    const granted = grantsOf(provider).length;
    await typeUntil(page, () => grantsOf(provider).length > granted);
    await expectKept(...tabs);
  });
});

test('the link opens another tab, and the first one lists it and shows what comes from it', async ({
  page,
  context,
  demo,
  server,
}) => {
  await signIn(page, demo);
  const listed = page.getByTestId('tabs').getByTestId('tab');
  await expect(listed).toHaveText([/^\S+ \(this one\)$/]);

  const [other] = await Promise.all([context.waitForEvent('page'), page.getByTestId('open-tab').click()]);
  await expectStatus(other, 'active');
  // A tab behind another one redraws nothing.
  await page.bringToFront();
  await expect(listed).toHaveCount(2);
  const item = page.locator('[data-testid="tab"][data-self="false"]');
  await expect(item).toHaveCount(1);
  const id = await item.getAttribute('data-tab');
  await expect(other.locator('[data-testid="tab"][data-self="true"]')).toHaveAttribute('data-tab', id ?? '');

  const its = page.locator(`[data-testid="timeline-row"][data-tab="${id}"]`);
  await expect(its.filter({ hasText: 'Ping: opened, says hello' })).toHaveCount(1);
  await expect(its.first()).toContainText((await item.textContent()) ?? '');
  const itsPings = its.and(page.locator('[data-type="ping"]'));
  const beatsOfAll = page.locator('[data-testid="timeline-row"][data-type="beat"]');
  const shown = { pings: await itsPings.count(), beats: await beatsOfAll.count() };
  const beats = server.beats.length;
  await other.bringToFront();
  await typeUntil(other, () => server.beats.length > beats);
  await page.bringToFront();
  await expect.poll(() => itsPings.count()).toBeGreaterThan(shown.pings);
  await expect.poll(() => beatsOfAll.count()).toBeGreaterThan(shown.beats);

  await other.close();
  await expect(listed).toHaveText([/^\S+ \(this one\)$/]);
});

test.describe('at a pace that leaves time to watch', () => {
  test.use({
    pace: {
      beatIntervalSeconds: 7,
      activeWindowSeconds: 7,
      idleTimeoutSeconds: 40,
      refreshTokenIdleSeconds: 60,
      accessTokenTtlSeconds: 12,
    },
  });

  test('the next beat, the access token and the session count down, and a refresh fills them again @chromium-only', async ({
    page,
    demo,
    provider,
  }) => {
    await signIn(page, demo);
    const ids = ['next-beat', 'kept-token', 'kept-left'] as const;
    for (const id of ids) {
      await expect(page.getByTestId(id)).toHaveText(/^\d+ s$/);
      const seconds = await secondsAt(page, id);
      await expect.poll(() => secondsAt(page, id)).toBeLessThanOrEqual(seconds - 2);
    }
    // Nobody is there, so the beat that is due waits for somebody.
    await expect(page.getByTestId('next-beat')).toHaveText('waiting');

    const granted = grantsOf(provider).length;
    await typeUntil(page, () => grantsOf(provider).length > granted);
    // Above what was left of each when the refresh came due, and below what each begins with.
    const refilled = { 'next-beat': 3, 'kept-token': 8, 'kept-left': 33 };
    for (const id of ids) await expect.poll(() => secondsAt(page, id)).toBeGreaterThan(refilled[id]);
  });
});

test('the session left alone is signed in again by a click after it has ended, beside the one that was kept @chromium-only', async ({
  page,
  demo,
}) => {
  await signIn(page, demo);
  const status = page.getByTestId('alone-status');
  const restart = page.getByTestId('restart-alone');
  await expect(status).toHaveAttribute('data-status', 'active');
  await expect(restart).toBeHidden();
  await typeUntil(page, async () => (await status.getAttribute('data-status')) === 'expired');
  await expect(rows(page, 'The session left alone has ended')).toHaveCount(1);
  await expect(page.getByTestId('alone-left')).toHaveText('0 s');
  await expectStatus(page, 'active');

  const [popup] = await Promise.all([page.waitForEvent('popup'), restart.click()]);
  // The provider still knows the visitor: the window signs in and closes by itself.
  if (!popup.isClosed()) await popup.waitForEvent('close');
  await expect(status).toHaveAttribute('data-status', 'active');
  await expect(restart).toBeHidden();
  await expect.poll(() => secondsAt(page, 'alone-left')).toBeGreaterThan(0);
  await expect(page.getByTestId('alone-token')).toHaveText(/^\d+ s$/);
  await expectKept(page);
});

test('the application is handed in with all that was typed, the editor in its frame included', async ({
  page,
  demo,
  applications,
}) => {
  await signIn(page, demo);
  const result = page.getByTestId('form-result');
  await page.getByTestId('field-summary').fill('Beds for everybody');
  await page.frameLocator('[data-testid="editor-frame"]').getByTestId('editor').fill('Dig in March');
  await page.getByTestId('submit').click();
  await expect(result).toHaveText('Give the project a title first.');
  await expect(page.getByTestId('field-project')).toBeFocused();
  expect(applications).toEqual([]);

  await page.getByTestId('field-project').fill('A garden');
  await page.getByTestId('submit').click();
  await expect(result).toHaveText('Handed in. The session was alive, and nothing was lost.');
  expect(applications).toEqual([
    expect.objectContaining({ project: 'A garden', summary: 'Beds for everybody', plan: 'Dig in March' }),
  ]);
  await expect(page.getByTestId('field-summary')).toHaveValue('Beds for everybody');
});
