import { createStore, keys } from 'idb-keyval';
import { expect, it, vi } from 'vitest';
import { sharedName } from '../sw/names.js';
import { fakePage } from './testing/fake-page.js';
import { run, setUpPage, status, until } from './testing/run-keepalive.js';

setUpPage();

const concealed = (log: string[]): string[] => log.filter((entry) => entry.startsWith('conceal'));

it('uncovers an application that was covered when it stopped, as soon as its session is proved alive', async () => {
  const page = fakePage();
  let session = 'S1';
  const options = { endpoint: page.endpoint, session: () => session };
  const { keepalive, log } = run(options);
  await status(keepalive, 'active');
  session = 'S2';
  page.answer = { status: 503, body: {} };
  page.press();
  await until(() => expect(log).toContain('conceal true'));
  await keepalive.stop();
  page.answer = { status: 200, body: { sessionId: 'S2', user: 'U1' } };
  await vi.advanceTimersByTimeAsync(20_000);
  // Another instance proves it first.
  const other = run(options);
  await until(() => expect(other.keepalive.snapshot().sessionId).toBe('S2'));
  expect(concealed(log)).toEqual(['conceal true']);
  keepalive.start();
  await until(() => expect(concealed(log)).toEqual(['conceal true', 'conceal false']));
  expect(concealed(other.log)).toEqual([]);
});

it('asks again, at the first sign of the user, who is signed in, where the first question was never answered', async () => {
  const { endpoint, press } = fakePage();
  let answers = false;
  // A browser that tells of changed cookies, in which no activity need read them.
  Object.assign(window, { cookieStore: new EventTarget() });
  vi.stubGlobal('navigator', {
    onLine: true,
    get locks() {
      if (!answers) throw new TypeError('what the page needs did not load');
      return undefined;
    },
  });
  const { keepalive } = run({ endpoint });
  expect(await keepalive.check()).toBe('unavailable');
  expect(keepalive.snapshot().status).toBe('unknown');
  answers = true;
  press();
  await status(keepalive, 'active');
});

it('tells a page that starts with the sign-out of before a login of nothing', async () => {
  const page = fakePage();
  const before = run({ endpoint: page.endpoint });
  await status(before.keepalive, 'active');
  await before.keepalive.signedOut();
  await before.keepalive.stop();
  page.answer = { status: 200, body: { sessionId: 'S2', user: 'U2' } };
  const { keepalive, log } = run({ endpoint: page.endpoint });
  await status(keepalive, 'active');
  expect(log).not.toContain('signed in');
  expect(log).not.toContain('user changed');
});

it('tells of a refresh with no warning once the end has moved', async () => {
  const page = fakePage();
  page.answer = { status: 200, body: { sessionId: 'S1', idleExpiresIn: 90, idleTimeout: 90 } };
  const endings: unknown[] = [];
  const { keepalive, log } = run({
    endpoint: page.endpoint,
    onEnding: () => log.push('ending'),
    onRefreshed: ({ ending }) => endings.push(ending),
  });
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(31_000);
  await until(() => expect(log).toContain('ending'));
  endings.length = 0;
  expect(await keepalive.extend()).toBe('alive');
  expect(endings).toEqual([null]);
});

it('forgets what is stored where no worker could be registered either', async () => {
  const register = async () => Promise.reject(new TypeError('no'));
  const { endpoint } = fakePage(Object.assign(new EventTarget(), { register, getRegistration: async () => undefined }));
  const { keepalive } = run({ endpoint, worker: '/assets/stillhere-sw.js' });
  await status(keepalive, 'active');
  const stored = () => keys(createStore(sharedName(endpoint), 'keepalive'));
  expect(await stored()).not.toEqual([]);
  localStorage.setItem(sharedName(endpoint), '');
  await keepalive.stop({ forget: true });
  expect(await stored()).toEqual([]);
  expect(localStorage.getItem(sharedName(endpoint))).toBe(null);
});

it('leaves no connection that whoever deletes the database would have to wait for', async () => {
  const { endpoint } = fakePage();
  const { keepalive } = run({ endpoint });
  await status(keepalive, 'active');
  await keepalive.stop({ forget: true });
  const deleted = await new Promise<string>((resolve) => {
    const request = indexedDB.deleteDatabase(sharedName(endpoint));
    request.onsuccess = () => resolve('deleted');
    request.onblocked = () => resolve('blocked');
  });
  expect(deleted).toBe('deleted');
});

it('lets go of what an instance observes when it stops, though another one of its name goes on', async () => {
  const { endpoint } = fakePage();
  const others = run({ endpoint });
  await status(others.keepalive, 'active');
  const root = new EventTarget();
  const added = vi.spyOn(root, 'addEventListener');
  const removed = vi.spyOn(root, 'removeEventListener');
  const { keepalive } = run({ endpoint });
  keepalive.observe(root);
  const observed = added.mock.calls.length;
  expect(observed).toBeGreaterThan(0);
  for (const starts of [1, 2, 3]) {
    await keepalive.stop();
    expect(removed.mock.calls).toHaveLength(starts * observed);
    keepalive.start();
  }
  expect(added.mock.calls).toHaveLength(4 * observed);
});
