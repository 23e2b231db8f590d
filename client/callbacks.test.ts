import { expect, it, vi } from 'vitest';
import { fakePage } from './testing/fake-page.js';
import { run, setUpPage, status, until } from './testing/run-keepalive.js';

setUpPage();

it('reports a callback or a session option that throws, and goes on', async () => {
  const { endpoint } = fakePage();
  const { keepalive, log } = run({
    endpoint,
    session: () => {
      throw new Error('no');
    },
    onRefreshed: () => {
      throw new Error('no');
    },
  });
  await status(keepalive, 'active');
  expect(await keepalive.extend()).toBe('alive');
  const troubles = () => log.filter((entry) => entry === 'session-option' || entry === 'callback').sort();
  await until(() => expect(troubles()).toEqual(['callback', 'callback', 'session-option']));
});

it('neither goes on after an end whose callback throws, nor beats sooner where each throws', async () => {
  const page = fakePage();
  const fail = (): never => {
    throw new Error('no');
  };
  const { keepalive, log } = run({ endpoint: page.endpoint, onExpired: fail, onRefreshed: fail, onConceal: fail });
  const unsubscribe = keepalive.subscribe(fail);
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(40_000);
  page.press();
  expect(page.beats).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(25_000);
  await until(() => expect(page.beats).toHaveLength(2));
  page.answer = { status: 401, body: { reason: 'idle_timeout' } };
  expect(await keepalive.unauthorized()).toBe('ended');
  const beats = page.beats.length;
  await until(() => expect(log).toContain('callback'));
  page.press();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(page.beats).toHaveLength(beats);
  expect(keepalive.snapshot()).toMatchObject({ status: 'expired', reason: 'idle_timeout' });
  unsubscribe();
});

it('waits for no callback: one that never settles changes nothing', async () => {
  const { endpoint, press, beats } = fakePage();
  const never = () => new Promise<void>(() => undefined);
  const { keepalive, log } = run({ endpoint, onRefreshed: never, onExpired: never, onConceal: never, onError: never });
  keepalive.subscribe(never);
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(40_000);
  press();
  await vi.advanceTimersByTimeAsync(25_000);
  await until(() => expect(beats).toHaveLength(2));
  await keepalive.signedOut();
  expect(log).toContain('signed out');
});

it('asks the server for a page without private data, on a device without a readable cookie', async () => {
  const page = fakePage();
  page.meta = { content: '' };
  const { keepalive, log } = run({ endpoint: page.endpoint });
  await status(keepalive, 'active');
  page.answer = { status: 401, body: {} };
  expect(await keepalive.check()).toBe('ended');
  expect(log).toContain('expired');
});

it('tells a page without private data of no end that its first answer brings, if it cannot see a session', async () => {
  const page = fakePage();
  page.meta = { content: '' };
  page.answer = { status: 401, body: {} };
  const { keepalive, log } = run({ endpoint: page.endpoint });
  await status(keepalive, 'expired');
  await keepalive.check();
  expect(log.filter((entry) => !entry.startsWith('ping'))).toEqual([]);
  expect(page.beats).toHaveLength(1);
});
