import { expect, test } from 'vitest';
import { grantsOf } from '../../support/beats.js';
import { expectPace } from '../support/pace.js';
import { INTERVAL_ONLY, setStage, signIn, typeFor } from '../support/webkit.js';

test('two windows and two hidden tabs make one request per interval', async () => {
  const stage = await setStage(INTERVAL_ONLY);
  const { first, demo, server, provider } = stage;
  await signIn(stage);
  const second = await stage.open('window');
  const hidden = [await stage.open('tab'), await stage.open('tab')];
  const before = server.beats.length;
  const started = Date.now();
  await typeFor(first, 7);
  // The user turns to the other window: the same user, the same interval.
  await typeFor(second, 7);
  const seconds = (Date.now() - started) / 1_000;
  const beats = server.beats.length - before;
  expect(beats).toBeGreaterThanOrEqual(4);
  expect(beats).toBeLessThanOrEqual(Math.floor(seconds / (0.9 * demo.settings.beatIntervalSeconds)) + 1);
  await expectPace(first, server, demo.settings);
  // All of them by one worker, which every tab has found.
  for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe('/auth/stillhere-sw.js');
  for (const tab of [first, second, ...hidden]) {
    expect((await tab.events('host')).map(({ host }) => host)).toEqual(['worker']);
    expect(await tab.events('end')).toEqual([]);
  }
  // No grant was due, however many tabs there are.
  expect(grantsOf(provider)).toEqual([]);
});
