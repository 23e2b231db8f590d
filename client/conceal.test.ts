import { expect, it, vi } from 'vitest';
import { fakePage } from './testing/fake-page.js';
import { run, setUpPage, status, until } from './testing/run-keepalive.js';

setUpPage();

it('conceals a page that comes back from the back/forward cache to another session, until it has asked', async () => {
  const page = fakePage();
  let session = 'S1';
  const { keepalive, log } = run({ endpoint: page.endpoint, session: () => session });
  await status(keepalive, 'active');
  page.window.dispatchEvent(new Event('pagehide'));
  session = 'S2';
  page.answer = { status: 200, body: { sessionId: 'S2', user: 'U1' } };
  log.length = 0;
  page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  expect(log).toEqual(['conceal true']);
  await until(() => expect(log).toContain('conceal false'));
  expect(log).toContain('signed in');
});

it('conceals a page that is looked at again before anybody has told whose session it sees now', async () => {
  const page = fakePage();
  let answer: (response: Response) => void = () => undefined;
  let session = 'S1';
  const { keepalive, log } = run({ endpoint: page.endpoint, session: () => session });
  await status(keepalive, 'active');
  const show = (state: string): void => {
    page.document.visibilityState = state;
    page.document.dispatchEvent(new Event('visibilitychange'));
  };
  show('hidden');
  show('visible');
  expect(log).not.toContain('conceal true');
  show('hidden');
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)));
  session = 'S2';
  log.length = 0;
  show('visible');
  expect(log).toEqual(['conceal true']);
  await until(() => expect(log).toContain('ping hello'));
  await until(() => {
    answer(Response.json({ sessionId: 'S2', user: 'U2' }));
    expect(log).toContain('conceal false');
  });
  expect(log.indexOf('user changed')).toBeGreaterThan(0);
  expect(log.indexOf('user changed')).toBeLessThan(log.indexOf('conceal false'));
});

it('conceals a visible page when nobody can tell whose session it sees now', async () => {
  const page = fakePage();
  let session = 'S1';
  const { keepalive, log } = run({ endpoint: page.endpoint, session: () => session });
  await status(keepalive, 'active');
  session = 'S2';
  page.answer = { status: 503, body: {} };
  page.press();
  await until(() => expect(log).toContain('conceal true'));
  page.answer = { status: 200, body: { sessionId: 'S2', user: 'U1' } };
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await keepalive.extend()).toBe('alive');
  expect(log.filter((entry) => entry.startsWith('conceal'))).toEqual(['conceal true', 'conceal false']);
});

it('stays concealed when a question about the session before is answered', async () => {
  const page = fakePage();
  const answers: ((response: Response) => void)[] = [];
  let session = 'S1';
  const { keepalive, log } = run({ endpoint: page.endpoint, session: () => session });
  await status(keepalive, 'active');
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)));
  const extended = keepalive.extend();
  await until(() => expect(answers).toHaveLength(1));
  page.window.dispatchEvent(new Event('pagehide'));
  session = 'S2';
  page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  expect(log).toContain('conceal true');
  answers[0]?.(Response.json({ sessionId: 'S1', user: 'U1' }));
  await until(() => expect(answers).toHaveLength(2));
  expect(log).not.toContain('conceal false');
  answers[1]?.(Response.json({ sessionId: 'S2', user: 'U1' }));
  await until(() => expect(log).toContain('conceal false'));
  expect(keepalive.snapshot().sessionId).toBe('S2');
  await extended;
});

it('conceals a page whose user signs out, until it is drawn anew without private data', async () => {
  const { endpoint } = fakePage();
  let session: string | null = 'S1';
  let owner: string | null = 'U1';
  const { keepalive, log } = run({ endpoint, session: () => session, renderedFor: () => owner });
  await status(keepalive, 'active');
  const covers = () => log.filter((entry) => /conceal|signed out/.test(entry));
  expect(covers()).toEqual([]);
  session = null;
  expect(await keepalive.check()).toBe('ended');
  await keepalive.check();
  expect(covers()).toEqual(['conceal true', 'signed out']);
  owner = null;
  await keepalive.check();
  expect(covers()).toEqual(['conceal true', 'signed out', 'conceal false']);
});
