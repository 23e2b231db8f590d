import { describe, expect, test } from 'vitest';
import { expectToldTogether, REACHES_ALL_WITHIN_MS } from '../support/reaches-all.js';
import { expectStatus, setStage, signIn, typeUntil } from '../support/webkit.js';

/** Where the engine runs, and the page that runs it there. */
const ENGINES = [
  { engine: 'worker', path: '/app' },
  { engine: 'page', path: '/app?worker=off' },
];

describe.each(ENGINES)('with the engine in the $engine', ({ engine, path }) => {
  test('a session revoked at the provider reaches every window and hidden tab, once', async () => {
    const stage = await setStage();
    const { first, server } = stage;
    await signIn(stage, path);
    const second = await stage.open('window', path);
    const hidden = await stage.open('tab', path);
    const tabs = [first, second, hidden];
    for (const tab of tabs) expect((await tab.events('host')).map(({ host }) => host)).toEqual([engine]);
    await first.click('revoke');
    await typeUntil(first, () => server.beats.at(-1)?.answer?.status === 401);
    const asked = server.beats.length;
    for (const tab of tabs) await expect.poll(() => tab.told('onExpired')).toHaveLength(1);
    for (const tab of [first, second]) await expectStatus(tab, 'expired');

    const learnt = (await first.events('answer')).filter(({ outcome }) => outcome === 'ended');
    expect(learnt.map(({ code }) => code)).toEqual(['refresh_rejected']);
    for (const tab of tabs) {
      expect(await tab.run("return document.getElementById('over').open")).toBe(true);
      expect(await tab.events('end')).toHaveLength(1);
      const expired = await tab.told('onExpired');
      expect(expired.map(({ value }) => value.reason)).toEqual(['refresh_rejected']);
      const late = (expired[0]?.at ?? Number.NaN) - (learnt[0]?.at ?? Number.NaN);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThanOrEqual(REACHES_ALL_WITHIN_MS);
    }
    // Acted on once by all of them together: nobody has asked again.
    expect(server.beats).toHaveLength(asked);
  });

  test('signing out in one window reaches all, and the hidden tab', async () => {
    const stage = await setStage();
    const { first, demo, server } = stage;
    await signIn(stage, path);
    const tabs = [first, await stage.open('window', path), await stage.open('tab', path)];
    await first.click('sign-out');
    for (const tab of tabs) await expect.poll(() => tab.url()).toBe(`${demo.url}/`);
    const told = await expectToldTogether(tabs, 'onSignedOut');
    const signedOutAt = Math.min(...told.map(({ at }) => at));
    for (const tab of tabs) expect(await tab.told('onExpired')).toEqual([]);
    // Nobody asks for a session that the user has ended. What was on its way then was given up, and
    // may still have reached the server.
    for (const tab of tabs) {
      const sent = await tab.events('beat');
      expect(sent.filter(({ at }) => at > signedOutAt)).toEqual([]);
    }
    const sent = (await first.events('beat')).length;
    expect(server.beats.length).toBeLessThanOrEqual(sent);
  });
});
