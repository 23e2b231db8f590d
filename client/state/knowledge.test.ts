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

const ending = { facts: { idleExpiresIn: 60 } };

it('takes what is newer, tells of it and plans anew, and drops what is older', () => {
  const { known, changes, plan, receive } = tab();
  receive({ epoch: { store: 'a', n: 2 } });
  receive({ epoch: { store: 'a', n: 1 }, status: 'expired' });
  expect(known.engine?.status).toBe('active');
  expect(changes.map(([{ status }]) => status)).toEqual(['unknown', 'active']);
  expect(plan).toHaveBeenCalledOnce();
});

it('tells of a change of status or session as an event, and of nothing else', () => {
  const { log, receive } = tab();
  receive({});
  receive({ lastBeatAt: 600_000 });
  expect(log).toEqual([]);
  receive({ epoch: { store: 'a', n: 2 }, status: 'expired' });
  expect(log).toEqual(['events']);
});

it('covers a page that comes back after the end, until the session is proved alive', () => {
  const { known, log, receive } = tab();
  const now = Date.now();
  receive({ ...ending, factsAt: now });
  known.doubt();
  expect(log).toEqual([]);
  receive({ ...ending, factsAt: now - 61_000, lastBeatAt: 600_000 });
  known.doubt();
  expect(log).toEqual([['onConceal', true]]);
  receive({ ...ending, factsAt: now - 61_000, lastBeatAt: 700_000 });
  expect(log).toHaveLength(1);
  receive({ ...ending, factsAt: now, lastBeatAt: 800_000 });
  expect(log.at(-1)).toEqual(['onConceal', false]);
});

it('leaves a page covered whose end has passed, though the engine calls the session alive without having asked', () => {
  const { known, log, receive } = tab();
  receive({ ...ending, factsAt: Date.now() - 61_000 });
  known.doubt();
  known.trust();
  expect(log).toEqual([['onConceal', true]]);
});

it('covers a page that comes back to another session, and keeps it so while it sees that', () => {
  const { known, log, receive } = tab();
  receive({});
  sees.session = 'S2';
  known.doubt();
  known.trust();
  expect(log).toEqual([['onConceal', true]]);
  sees.session = 'S1';
  known.trust();
  expect(log.at(-1)).toEqual(['onConceal', false]);
});

it('tells who joins what is so, also that the page is covered', () => {
  const { known, receive } = tab();
  receive({});
  known.end.conceal(true);
  const log: unknown[] = [];
  known.add({
    hears: false,
    call: (name, value) => log.push([name, value]),
    onChange: ({ status }, hadSession) => log.push([status, hadSession]),
  });
  expect(log).toEqual([
    ['active', false],
    ['onConceal', true],
  ]);
});

it('reads nothing any more when the first answer is complete after the last instance has gone', () => {
  const { known, log, receive, audience } = tab();
  receive({});
  sees.session = 'S2';
  audience.listeners.clear();
  known.begin('S1');
  expect(log).toEqual([]);
});

it('tells each instance whether the page had a session when its first answer was complete', () => {
  const { known, changes } = tab();
  known.begin('S1');
  known.begin(null);
  expect(changes.map(([, hadSession]) => hadSession)).toEqual([false, true, true]);
});

it('covers a page of another user at once, and a page of no known user, until its own is there', () => {
  const page = fakePage();
  page.meta = { content: 'U2' };
  const { known, log, receive } = tab();
  receive({ user: 'U1' });
  expect(log).toEqual([['onConceal', true]]);
  receive({ user: null, factsAt: 600_000 });
  known.trust();
  expect(log).toEqual([['onConceal', true], 'user-unknown']);
  receive({ user: 'U2', factsAt: 700_000 });
  expect(log.at(-1)).toEqual(['onConceal', false]);
});

it('covers no page before it knows whether the session that the page sees is newer', () => {
  const page = fakePage();
  page.meta = { content: 'U2' };
  const { known, log, receive } = tab();
  sees.session = 'S2';
  receive({ user: 'U1' });
  expect(log).toEqual([]);
  receive({ epoch: { store: 'a', n: 2 }, sessionId: 'S2', user: 'U2', factsAt: 600_000 });
  known.begin('S2');
  expect(log.filter((entry) => entry !== 'events')).toEqual([]);
});

it('covers a page of a user whose session is over at the first answer', () => {
  const page = fakePage();
  sees.session = null;
  const { known, log, receive } = tab();
  receive({ status: 'signed-out', sessionId: null });
  known.begin(null);
  expect(log).toEqual([]);
  page.meta = { content: 'U1' };
  known.begin(null);
  expect(log).toEqual([['onConceal', true]]);
});

it('covers a page whose user signs out elsewhere, and leaves one as it is whose session has expired', () => {
  const page = fakePage();
  page.meta = { content: 'U1' };
  const { known, log, receive } = tab();
  receive({});
  known.begin('S1');
  receive({ status: 'expired', sessionId: null, epoch: { store: 'a', n: 2 } });
  expect(log).toEqual(['events']);
  receive({ epoch: { store: 'a', n: 3 } });
  sees.session = null;
  receive({ status: 'signed-out', sessionId: null, epoch: { store: 'a', n: 4 } });
  expect(log).toContainEqual(['onConceal', true]);
  sees.session = 'S2';
  receive({ sessionId: 'S2', epoch: { store: 'a', n: 5 } });
  expect(log.at(-1)).toEqual(['onConceal', false]);
});

it('covers no page before its first answer is complete because its user had signed out before', () => {
  const page = fakePage();
  page.meta = { content: 'U1' };
  sees.session = undefined;
  const { log, receive } = tab();
  receive({ status: 'signed-out', sessionId: null });
  expect(log).toEqual([]);
});

it('tells of no first answer before the server has said who is signed in', () => {
  const page = fakePage();
  page.meta = { content: 'U2' };
  sees.session = undefined;
  const { known, changes, receive } = tab();
  receive({ user: 'U1' });
  expect(known.isUnconfirmed()).toBe(true);
  known.begin(undefined);
  expect(changes.at(-1)?.[1]).toBe(null);
  receive({ user: 'U1', factsAt: 600_000 });
  expect(known.isUnconfirmed()).toBe(false);
  expect(changes.at(-1)).toMatchObject([{ user: 'U1' }, true, 'U2']);
});

it('tells of no end that is older than the session that the page sees', () => {
  sees.session = 'S2';
  const { known, changes, receive } = tab();
  receive({ status: 'expired', sessionId: null, endedSessionId: 'S1' });
  known.begin('S2');
  expect(changes.at(-1)?.[1]).toBe(null);
  receive({ status: 'expired', sessionId: null, endedSessionId: 'S2', epoch: { store: 'a', n: 2 } });
  expect(changes.at(-1)?.[1]).toBe(true);
});

it('takes a corrected clock of the page for no proof that the session is alive', () => {
  const { known, log } = tab();
  const now = Date.now();
  const stored = engineSnapshot({ facts: { idleExpiresIn: 60 }, factsAt: now - 61_000 });
  known.receive(stored);
  known.doubt();
  expect(log).toEqual([['onConceal', true]]);
  // The engine's clock is two minutes behind the page's: its end has not passed.
  known.receive({ ...stored, at: now - 120_000 }, now);
  expect(log).toEqual([['onConceal', true]]);
  known.receive({ ...stored, at: now - 120_000, factsAt: now - 120_000 }, now);
  expect(log.at(-1)).toEqual(['onConceal', false]);
});

it('deletes the cookie of a session that is over only if told to, and never that of a newer one', async () => {
  const page = fakePage();
  page.document.cookie = 'stillhere-session=S1';
  const audience: Audience = {
    listeners: new Set(),
    tell: () => undefined,
    trouble: () => undefined,
    toldElsewhere: () => undefined,
    events: () => undefined,
  };
  const planned = vi.fn();
  const known = createKnowledge(resolveOptions(), audience, async () => 'offline', planned, 'tab');
  known.receive(engineSnapshot());
  known.dropSeen();
  planned.mockClear();
  known.receive(
    engineSnapshot({ status: 'expired', sessionId: null, endedSessionId: 'S1', epoch: { store: 'a', n: 2 } }),
  );
  // The news of another page's answer: that one deletes the cookie.
  await vi.waitFor(() => expect(planned).toHaveBeenCalled());
  expect(page.document.cookie).toBe('stillhere-session=S1');
  known.dropSeen();
  expect(page.document.cookie).toBe('stillhere-session=; Max-Age=0; Path=/');
  page.document.cookie = 'stillhere-session=S2';
  known.dropSeen();
  expect(page.document.cookie).toBe('stillhere-session=S2');
});
