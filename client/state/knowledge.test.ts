import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineSnapshot } from '../../sw/protocol.js';
import type { Audience } from '../audience.js';
import { resolveOptions } from '../options.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { fakePage } from '../testing/fake-page.js';
import type { KeepaliveSnapshot } from '../types.js';
import { createKnowledge } from './knowledge.js';

let session: string | null | undefined;

beforeEach(() => {
  fakePage();
  session = 'S1';
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** What a tab knows, and all that its audience hears. */
function tab() {
  const log: unknown[] = [];
  const changes: [KeepaliveSnapshot, boolean | null][] = [];
  let covered: unknown = false;
  const audience: Audience = {
    listeners: new Set(),
    // Each instance tells its application of a change only.
    tell: (name, value) => {
      if (name === 'onConceal' && value === covered) return;
      covered = value;
      log.push([name, value]);
    },
    trouble: (trouble) => log.push(trouble),
    events: () => log.push('events'),
  };
  const plan = vi.fn();
  const known = createKnowledge(resolveOptions({ session: () => session }), audience, async () => 'offline', plan);
  known.add({ hears: false, call: audience.tell, onChange: (...change) => changes.push(change) });
  const receive = (change: Partial<EngineSnapshot>) => known.receive(engineSnapshot(change));
  return { known, log, changes, plan, receive, audience };
}

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
  session = 'S2';
  known.doubt();
  known.trust();
  expect(log).toEqual([['onConceal', true]]);
  session = 'S1';
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
    ['active', null],
    ['onConceal', true],
  ]);
});

it('reads nothing any more when the first answer is complete after the last instance has gone', () => {
  const { known, log, receive, audience } = tab();
  receive({});
  session = 'S2';
  audience.listeners.clear();
  known.begin('S1');
  expect(log).toEqual([]);
});

it('tells each instance whether the page had a session when its first answer was complete', () => {
  const { known, changes } = tab();
  known.begin('S1');
  known.begin(null);
  expect(changes.map(([, hadSession]) => hadSession)).toEqual([null, true, true]);
});
