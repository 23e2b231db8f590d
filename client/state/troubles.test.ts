import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveOptions } from '../options.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { fakePage } from '../testing/fake-page.js';
import { sees, tab } from '../testing/known-tab.js';
import { createKnowledge } from './knowledge.js';
import type { Audience } from './listeners.js';

beforeEach(() => {
  fakePage();
  sees.session = 'S1';
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it("finds an answer that is not the contract's a trouble, but none that only says to try later", () => {
  const { log, receive } = tab();
  const answered = (code: string, failures = 1) =>
    receive({ answered: { at: 0, outcome: 'unavailable', code }, failures });
  for (const code of ['ok', 'http-408', 'http-429', 'http-503', 'timeout', 'network', 'idle_timeout']) answered(code);
  expect(log).toEqual([]);
  for (const code of ['http-404', 'html', 'redirect', 'invalid']) answered(code);
  expect(log).toEqual(['endpoint-404', 'endpoint-html', 'endpoint-redirect', 'endpoint-invalid']);
  log.length = 0;
  answered('network', 2);
  expect(log).toEqual(['network']);
});

it("tells of one tab's answer in that tab alone, and of an older engine's in each", () => {
  const { log, receive } = tab();
  const answered = { at: Date.now(), outcome: 'unavailable', code: 'html' } as const;
  receive({ answered: { ...answered, tab: 'another tab' }, failures: 1 });
  expect(log).toEqual(['told elsewhere: endpoint-html']);
  log.pop();
  receive({ answered: { ...answered, tab: 'tab' }, failures: 2 });
  receive({ answered, failures: 3 });
  expect(log).toEqual(['endpoint-html', 'endpoint-html']);
});

it('tells of a wrong answer though another page has told of the same one before this page started', () => {
  const { known, log, receive } = tab();
  const before = { at: Date.now() - 60_000, outcome: 'unavailable', code: 'http-404', tab: 'another tab' } as const;
  receive({ status: 'unknown', answered: before, failures: 1 });
  expect(log).toEqual([]);
  // The engine's clock is an hour ahead of this page's.
  const now = Date.now();
  const told = engineSnapshot({ status: 'unknown', answered: { ...before, at: now + 3_540_000 }, at: now + 3_600_000 });
  known.receive(told, now);
  expect(log).toEqual([]);
  receive({ status: 'unknown', answered: { ...before, at: now, tab: 'tab' }, failures: 2 });
  expect(log).toEqual(['endpoint-404']);
});

it('tells of a wrong answer that others met first, if the wrong answers began before this page started', () => {
  const { log, receive } = tab();
  const wrong = { at: Date.now() - 60_000, outcome: 'unavailable', code: 'html', tab: 'another tab' } as const;
  receive({ answered: wrong, failures: 1 });
  // The other tab asks again before this one does, and tells nobody: it has told of it before.
  receive({ answered: { ...wrong, at: Date.now() + 10 }, failures: 2, lastBeatAt: Date.now() + 10 });
  expect(log).toEqual([]);
  // The wrong answers are over, and begin again: the tab that asks tells of it.
  receive({ failures: 0, lastBeatAt: Date.now() + 20 });
  receive({ answered: { ...wrong, at: Date.now() + 30 }, failures: 1, lastBeatAt: Date.now() + 30 });
  expect(log).toEqual(['told elsewhere: endpoint-html']);
});

it('tells of a wrong answer though its first news is the second one of a row', () => {
  const { log, receive } = tab();
  receive({ answered: { at: Date.now() + 10, outcome: 'unavailable', code: 'html', tab: 'another tab' }, failures: 2 });
  expect(log).toEqual([]);
});

it('says that the cookie is missing when it asks, if another tab has said so before this page started', () => {
  const { log, audience } = tab();
  const known = createKnowledge(
    resolveOptions({ endpoint: '/auth/heartbeat' }),
    audience,
    async () => 'offline',
    vi.fn(),
    'tab',
  );
  const answers = (tab: string, after: number) =>
    known.receive(
      engineSnapshot({
        answered: { at: Date.now() + after, outcome: 'alive', code: 'ok', tab },
        lastBeatAt: Date.now() + after,
        factsAt: Date.now() + after,
      }),
    );
  answers('another tab', -60_000);
  answers('another tab', 10);
  expect(log).toEqual([]);
  answers('tab', 20);
  expect(log).toEqual(['cookie-missing']);
});

it("takes a backend's own word for the end of a session for no trouble", () => {
  const { log, receive } = tab();
  for (const code of ['invalid_session', 'redirected', 'empty.basket', 'html-form'])
    receive({ status: 'expired', answered: { at: Date.now(), outcome: 'ended', code, tab: 'tab' } });
  expect(log).toEqual([]);
});

it('blames the status route for what no status route answers, and nothing else', () => {
  const { log, receive } = tab();
  for (const code of ['http-404', 'http-405', 'empty', 'html', 'http-403'])
    receive({ answered: { at: 0, outcome: 'unavailable', code, kind: 'check' } });
  expect(log).toEqual(['status-404', 'status-405', 'status-empty', 'endpoint-html', 'endpoint-403']);
});

it('says that the cookie is missing which the path of the endpoint promises, once the session is confirmed', () => {
  const page = fakePage();
  const log: unknown[] = [];
  const audience: Audience = {
    listeners: new Set(),
    tell: () => undefined,
    trouble: (trouble) => log.push(trouble),
    toldElsewhere: (trouble) => log.push(`told elsewhere: ${trouble}`),
    events: () => undefined,
  };
  const known = (endpoint: string) =>
    createKnowledge(resolveOptions({ endpoint }), audience, async () => 'offline', vi.fn(), 'tab');
  const { receive } = known('/api/auth/heartbeat');
  receive(engineSnapshot({ status: 'unknown' }));
  expect(log).toEqual([]);
  receive(engineSnapshot({ epoch: { store: 'a', n: 2 } }));
  expect(log).toEqual(['cookie-missing']);
  known('/api/heartbeat').receive(engineSnapshot());
  page.document.cookie = 'stillhere-session=S1';
  known('/api/auth/heartbeat').receive(engineSnapshot());
  expect(log).toEqual(['cookie-missing']);
});

it('says that the user is missing if a session follows another one without a name', () => {
  const { log, receive } = tab();
  receive({ status: 'unknown', user: null });
  receive({ epoch: { store: 'a', n: 2 }, user: null });
  sees.session = 'S2';
  expect(log).not.toContain('user-unknown');
  receive({ epoch: { store: 'a', n: 3 }, sessionId: 'S2', user: null });
  expect(log).toContain('user-unknown');
});
