import { expect, it, vi } from 'vitest';
import { fakePage } from './testing/fake-page.js';
import { run, setUpPage, status } from './testing/run-keepalive.js';

vi.mock('./lazy/sign-in.js', () => {
  throw new Error('not loaded');
});

setUpPage();

it('leaves no blank pop-up behind where the script for it does not load, and says so', async () => {
  const { endpoint } = fakePage();
  const { keepalive } = run({ endpoint });
  await status(keepalive, 'active');
  const popup = { close: vi.fn() };
  Object.assign(window, { open: () => popup });
  await expect(keepalive.signIn({ popup: true })).rejects.toThrow();
  expect(popup.close).toHaveBeenCalledOnce();
  await expect(keepalive.signIn()).rejects.toThrow();
});
