import { expect, it } from 'vitest';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { type Presence, pingDue } from './ping-due.js';

const presence = (change: Partial<Presence>): Presence => ({
  own: 0,
  other: 0,
  heardAt: 0,
  touched: false,
  quietUntil: 0,
  ...change,
});
const due = (known: Partial<Presence>, engine = {}, visible = true) =>
  pingDue(presence(known), engineSnapshot(engine), 120_000, visible, 500);

it('pings at wakeAt for activity that no beat has reported', () => {
  expect(due({ own: 990_000 })).toBe(1_000_000);
  expect(due({ own: 1_050_000 })).toBe(1_050_000);
});

it('pings for nobody: no activity, reported activity, a hidden page, an engine that wants nothing', () => {
  expect(due({})).toBe(Infinity);
  expect(due({ own: 990_000 }, { reportedActivityAt: 990_000 })).toBe(Infinity);
  expect(due({ own: 990_000 }, {}, false)).toBe(Infinity);
  expect(due({ own: 990_000 }, { wakeAt: Infinity })).toBe(Infinity);
});

it('sets no timer for activity that will be too old by then', () => {
  expect(due({ own: 879_999 })).toBe(Infinity);
  expect(due({ own: 880_000 })).toBe(1_000_000);
});

it('counts touch() in a hidden page', () => {
  expect(due({ own: 990_000, touched: true }, {}, false)).toBe(1_000_000);
});

it('leaves the ping to the tab that saw the activity, and waits two seconds and a jitter for its news', () => {
  expect(due({ own: 980_000, other: 990_000, heardAt: 991_000 })).toBe(1_002_500);
  expect(due({ other: 1_009_000, heardAt: 1_010_000 })).toBe(1_012_500);
});

it('keeps quiet while the last ping may still be answered', () => {
  expect(due({ own: 990_000, quietUntil: 1_005_000 })).toBe(1_005_000);
});
