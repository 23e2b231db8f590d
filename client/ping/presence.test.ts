import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineSnapshot, ToldActivity } from '../../sw/protocol.js';
import { DEFAULT_SETTINGS } from '../../sw/protocol.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { createPresence } from './presence.js';

const page = { visibilityState: 'visible' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  page.visibilityState = 'visible';
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  vi.stubGlobal('document', page);
  vi.stubGlobal('navigator', { onLine: true });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A tab's presence, and all that it has told other tabs. Its engine wants a beat at 1,000,000. */
function tab() {
  const told: ToldActivity[] = [];
  const presence = createPresence(DEFAULT_SETTINGS, (activity) => told.push(activity));
  const due = (engine: Partial<EngineSnapshot> = {}, isRefused = false) =>
    presence.dueAt(engineSnapshot(engine), isRefused);
  const hear = (at: number, heardAt: number, asks?: boolean) => {
    vi.setSystemTime(heardAt);
    presence.hear({ age: heardAt - at, ...(asks && { asks }) });
  };
  const ping = (at: number, engine: Partial<EngineSnapshot> = {}) => presence.ping(at, engineSnapshot(engine));
  return { ...presence, told, due, hear, ping };
}

it('pings at wakeAt for activity that no beat has reported', () => {
  const { note, due } = tab();
  note('activity', 990_000);
  expect(due()).toBe(1_000_000);
  note('activity', 1_050_000);
  expect(due()).toBe(1_050_000);
});

it('pings for nobody: no activity, reported activity, a hidden page, an engine that wants nothing', () => {
  const { note, due } = tab();
  expect(due()).toBe(Infinity);
  note('activity', 990_000);
  expect(due({ reportedActivityAt: 990_000 })).toBe(Infinity);
  expect(due({ wakeAt: Infinity })).toBe(Infinity);
  page.visibilityState = 'hidden';
  expect(due()).toBe(Infinity);
});

it('sets no timer for activity that will be too old by then', () => {
  const { note, due } = tab();
  note('activity', 879_999);
  expect(due()).toBe(Infinity);
  note('activity', 880_000);
  expect(due()).toBe(1_000_000);
});

it('counts touch() in a hidden page, also when its ping brought nothing', () => {
  const { note, due, ping } = tab();
  page.visibilityState = 'hidden';
  note('touch', 990_000);
  expect(due()).toBe(1_000_000);
  expect(ping(1_000_000)).toBe('touch');
  expect(due()).toBe(1_005_000);
  expect(ping(1_005_000)).toBe('touch');
});

it('pings more often while requests fail, as the engine wants: the end may be near', () => {
  const { note, due, ping } = tab();
  note('activity', 999_000);
  ping(1_000_000);
  expect(due()).toBe(1_005_000);
  expect(due({ failures: 1 })).toBe(1_001_250);
  expect(due({ failures: 1, wakeAt: 1_002_000 })).toBe(1_002_000);
});

it('leaves the ping to the tab that saw the activity, and waits two seconds and a jitter for its news', () => {
  const { note, hear, due } = tab();
  note('activity', 980_000);
  hear(990_000, 991_000);
  expect(due()).toBe(1_002_500);
  hear(1_009_000, 1_010_000);
  expect(due()).toBe(1_012_500);
});

it('keeps quiet while the last ping may still be answered, and says in each what the user did last', () => {
  const { note, ping, due } = tab();
  note('visible', 990_000);
  expect(ping(1_000_000)).toBe('visible');
  expect(due()).toBe(1_005_000);
  expect(ping(1_005_000)).toBe('visible');
  note('activity', 1_006_000);
  expect(ping(1_010_000)).toBe('activity');
});

it('does not forget activity for an arrival that was before it', () => {
  const { note, ping, due } = tab();
  page.visibilityState = 'hidden';
  note('touch', 990_000);
  note('activity', 0);
  expect(due()).toBe(1_000_000);
  expect(ping(1_000_000)).toBe('touch');
});

it('comes back at wakeAt with an ask that was refused, though nobody was active since', () => {
  const { due } = tab();
  expect(due({}, true)).toBe(1_000_000);
});

it('tells other tabs of its own activity every 30 s at most, and a last time when the page goes', () => {
  const { note, gossip, told } = tab();
  gossip(true);
  vi.setSystemTime(100_000);
  note('activity');
  gossip(false);
  vi.setSystemTime(101_000);
  note('activity');
  gossip(false);
  expect(told).toEqual([{ age: 0 }]);
  vi.setSystemTime(101_500);
  gossip(true);
  gossip(true);
  expect(told).toEqual([{ age: 0 }, { age: 500 }]);
  vi.setSystemTime(131_500);
  gossip(false);
  note('activity');
  gossip(false);
  expect(told).toEqual([{ age: 0 }, { age: 500 }, { age: 0 }]);
});

it('says how long ago anybody was active in any tab', () => {
  const { note, hear, facts } = tab();
  expect(facts()).toEqual({ visible: true, activityAge: Infinity, online: true });
  note('activity', 10_000);
  hear(15_000, 20_000);
  page.visibilityState = 'hidden';
  expect(facts()).toEqual({ visible: false, activityAge: 5_000, online: true });
});

it('forgets what lies ahead when the clock was set back by more than a correction', () => {
  const { note, hear, gossip, told, isSetBack, due, facts } = tab();
  hear(1_990_000, 2_000_000);
  note('activity');
  gossip(false);
  expect(isSetBack(2_000_000)).toBe(false);
  expect(isSetBack(1_999_500)).toBe(false);
  expect(due()).toBe(2_000_000);
  vi.setSystemTime(1_000_000);
  expect(isSetBack(1_000_000)).toBe(true);
  expect(due()).toBe(Infinity);
  expect(facts().activityAge).toBe(Infinity);
  expect(isSetBack(1_000_100)).toBe(false);
  note('activity');
  gossip(false);
  expect(told).toEqual([{ age: 0 }, { age: 0 }]);
});

it('spreads the pings of tabs that are all in use over a second', () => {
  const { note, hear, due } = tab();
  hear(980_000, 985_000);
  note('activity', 990_000);
  expect(due()).toBe(1_000_500);
  expect(due({ reportedActivityAt: 985_000 })).toBe(1_000_000);
  // The same moment in another tab: told late, it looks newer.
  hear(990_100, 991_000);
  expect(due()).toBe(1_000_500);
});

it('is not put off by what other tabs in use go on telling', () => {
  const { note, hear, due } = tab();
  for (let at = 1_000_000; at < 1_020_000; at += 1_000) {
    hear(at - 500, at);
    vi.setSystemTime(at + 1);
    note('activity');
    expect(due()).toBeLessThanOrEqual(1_000_500 + Math.max(0, at - 1_000_499));
  }
});

it('tells other tabs that it asks, once for each beat, so that one whose asks reach no engine does not put them off for ever', () => {
  const { note, ping, told } = tab();
  vi.setSystemTime(1_000_000);
  note('activity', 990_000);
  ping(1_000_000);
  ping(1_005_000);
  expect(told).toEqual([{ age: 10_000, asks: true }]);
  ping(1_010_000, { wakeAt: 1_010_000 });
  expect(told).toHaveLength(2);
});

it('leaves a beat to the tab that asks for it, and asks when that one could have asked again and no news came', () => {
  const { note, hear, due } = tab();
  hear(1_000_000, 1_000_100, true);
  note('activity', 1_001_000);
  // The shortest time between two pings, two seconds and a jitter.
  expect(due()).toBe(1_007_600);
  hear(1_003_000, 1_004_000);
  expect(due()).toBe(1_007_600);
  expect(due({}, true)).toBe(1_007_600);
  // The news of that beat: the next one is open to all.
  note('activity', 1_299_000);
  expect(due({ wakeAt: 1_300_000, reportedActivityAt: 1_000_000 })).toBe(1_300_500);
});

it('leaves less to a tab that asks while requests fail', () => {
  const { note, hear, due } = tab();
  hear(1_000_000, 1_000_100, true);
  note('activity', 1_001_000);
  expect(due({ failures: 1 })).toBe(1_003_850);
});
