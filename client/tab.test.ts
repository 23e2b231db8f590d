import { expect, it, vi } from 'vitest';
import { sharedName } from '../sw/names.js';
import { PROTOCOL_VERSION } from '../sw/protocol.js';
import { createKeepalive } from './create-keepalive.js';
import { engineSnapshot } from './testing/engine-snapshot.js';
import { fakePage } from './testing/fake-page.js';
import { run, setUpPage, status, until } from './testing/run-keepalive.js';

setUpPage();

it('asks once at the start, beats, and leaves a page without a user in peace', async () => {
  const { endpoint, beats } = fakePage();
  const { keepalive, log } = run({ endpoint });
  await status(keepalive, 'active');
  expect(keepalive.snapshot()).toMatchObject({ host: 'page', sessionId: 'S1', user: 'U1' });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(beats).toHaveLength(1);
  expect(log.filter((entry) => entry.startsWith('ping'))).toEqual(['ping hello']);
});

it('pings for activity when a beat is due, not before, and says how long ago it was', async () => {
  const { endpoint, beats, press } = fakePage();
  const { keepalive, log } = run({ endpoint });
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(20_000);
  press();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(log).toEqual(['ping hello', 'refreshed']);
  await vi.advanceTimersByTimeAsync(25_000);
  await until(() => expect(beats).toHaveLength(2));
  expect(beats[1]?.activity).toBe('user');
  expect(beats[1]?.idleMs).toBeGreaterThan(20_000);
});

it('pings at once when the user returns to a tab that is overdue', async () => {
  const { endpoint, beats, document } = fakePage();
  const { keepalive } = run({ endpoint });
  await status(keepalive, 'active');
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(600_000);
  expect(beats).toHaveLength(1);
  document.visibilityState = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  await until(() => expect(beats).toHaveLength(2));
});

it('takes no page for one that came back because a script says so', async () => {
  const { endpoint, beats, document } = fakePage();
  const { keepalive } = run({ endpoint });
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(600_000);
  const change = (state: string): void => {
    document.visibilityState = state;
    document.dispatchEvent(new Event('visibilitychange'));
  };
  change('visible');
  // What it had asked for would be done before this question is.
  await keepalive.check();
  expect(beats.slice(1)).toMatchObject([{ activity: 'none' }]);
  change('hidden');
  change('visible');
  await until(() => expect(beats.slice(2)).toMatchObject([{ activity: 'user' }]));
});

it('tells of the end once and deletes the cookie that names it', async () => {
  const page = fakePage();
  page.document.cookie = 'stillhere-session=S1';
  const { keepalive, log } = run({ endpoint: page.endpoint });
  await status(keepalive, 'active');
  page.answer = { status: 401, body: { reason: 'idle_timeout', sessionId: 'S1' } };
  expect(await keepalive.unauthorized()).toBe('ended');
  expect(await keepalive.unauthorized()).toBe('ended');
  expect(log.filter((entry) => entry === 'expired')).toEqual(['expired']);
  await until(() => expect(page.document.cookie).toBe('stillhere-session=; Max-Age=0; Path=/'));
});

it('asks nobody when it sees that the user has signed out', async () => {
  const { endpoint, beats, press } = fakePage();
  let session: string | null = 'S1';
  const { keepalive, log } = run({ endpoint, session: () => session });
  await status(keepalive, 'active');
  session = null;
  press();
  await status(keepalive, 'signed-out');
  expect(beats).toHaveLength(1);
  expect(log).toContain('signed out');
});

it('asks anew about a session that it sees while the question about another is on its way', async () => {
  const { endpoint } = fakePage();
  let answer: (response: Response) => void = () => undefined;
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)));
  let session: string | null = 'S1';
  const { keepalive, log } = run({ endpoint, session: () => session });
  await until(() => expect(log).toContain('ping hello'));
  session = null;
  // The page comes back from the back/forward cache: it looks again.
  window.dispatchEvent(new Event('pagehide'));
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  await status(keepalive, 'signed-out');
  answer(Response.json({ sessionId: 'S1' }));
  await until(() => expect(log.filter((entry) => entry === 'ping hello')).toHaveLength(2));
  expect(keepalive.snapshot().status).toBe('signed-out');
});

it('shares one engine between the instances of a name, and refuses another endpoint under it', async () => {
  const { endpoint, beats } = fakePage();
  const one = run({ endpoint, name: 'shared' });
  const two = run({ endpoint, name: 'shared' });
  await status(one.keepalive, 'active');
  expect(two.keepalive.snapshot()).toBe(one.keepalive.snapshot());
  expect(beats).toHaveLength(1);
  expect(() => createKeepalive({ endpoint: '/other', name: 'shared' })).toThrow(
    /endpoint takes .* under the name shared/,
  );
  await one.keepalive.stop();
  expect(await one.keepalive.extend()).toBe('unavailable');
  expect(await two.keepalive.extend()).toBe('alive');
});

it('leaves no timer behind when it stops', async () => {
  const { endpoint, press } = fakePage();
  const { keepalive } = run({ endpoint });
  await status(keepalive, 'active');
  press();
  await keepalive.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('runs the engine in the page when the worker stays silent twice', async () => {
  const posted: unknown[] = [];
  const registration = Object.assign(new EventTarget(), {
    active: { postMessage: (message: unknown) => posted.push(message) },
  });
  const scopes: string[] = [];
  const { endpoint } = fakePage(
    Object.assign(new EventTarget(), {
      getRegistration: async () => undefined,
      register: async (_: string, { scope }: { scope: string }) => {
        scopes.push(scope);
        return registration;
      },
    }),
  );
  const { keepalive, log } = run({ endpoint, worker: '/assets/stillhere-sw.js' });
  await until(() => expect(posted).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(3_000);
  await until(() => expect(posted).toHaveLength(2));
  await vi.advanceTimersByTimeAsync(3_000);
  await status(keepalive, 'active');
  expect(keepalive.snapshot().host).toBe('page');
  expect(log).toContain('worker-silent');
  expect(scopes[0]).toBe(
    `https://app.example/assets/stillhere-scope/${encodeURIComponent(endpoint).replaceAll('%', '~')}/`,
  );
});

it('makes one beat at the start of a page that has a session cookie', async () => {
  const { endpoint, beats, document } = fakePage();
  document.cookie = 'stillhere-session=S1';
  vi.stubGlobal('performance', { now: () => 100, getEntriesByType: () => [{ type: 'navigate' }] });
  vi.stubGlobal('window', Object.assign(window, { top: window }));
  const { keepalive, log } = run({ endpoint });
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(beats.map(({ activity }) => activity)).toEqual(['user']);
  expect(log).toEqual(['ping hello', 'refreshed']);
});

it('neither hears nor asks in a page that is prerendered, until somebody may be looking at it', async () => {
  const { endpoint, document } = fakePage();
  Object.assign(document, { prerendering: true });
  const { keepalive, log } = run({ endpoint });
  // The other tabs' session is near its end, of which a page would ask.
  const others = new BroadcastChannel(sharedName(endpoint));
  const snapshot = engineSnapshot({ facts: { idleExpiresIn: 30 }, factsAt: Date.now() });
  others.postMessage({ stillhere: PROTOCOL_VERSION, type: 'news', payload: { snapshot, facts: [] } });
  const heard = new Promise((resolve) => {
    new BroadcastChannel(sharedName(endpoint)).onmessage = ({ target }) =>
      resolve((target as BroadcastChannel).close());
  });
  others.postMessage('after it');
  await heard;
  others.close();
  expect([keepalive.snapshot().status, log]).toEqual(['unknown', []]);
  document.dispatchEvent(new Event('prerenderingchange'));
  await status(keepalive, 'active');
  expect(log).toEqual(['ping hello', 'refreshed']);
});
