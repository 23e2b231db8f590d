import { expect, it, vi } from 'vitest';
import { fakePage } from './testing/fake-page.js';
import { run, setUpPage, status, until } from './testing/run-keepalive.js';

setUpPage();

it.each([
  ['a number', 42],
  ['a promise', Promise.resolve('S1')],
  ['an object', { id: 'S1' }],
])('keeps the session where its option returns %s, and tells so once', async (_, id: unknown) => {
  const { endpoint, beats, press } = fakePage();
  const { keepalive, log } = run({ endpoint, session: () => id as string });
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(65_000);
  press();
  await until(() => expect(beats).toHaveLength(2));
  await until(() => expect(log).toContain('session-option'));
  expect(log.filter((entry) => /option|storage|protocol/.test(entry))).toEqual(['session-option']);
});
