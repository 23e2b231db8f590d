import { type Ask, type AskKind, DEFAULT_SETTINGS, type EngineSnapshot } from '../protocol.js';

/** What a tab needs of the world. */
export interface TabWorld {
  wall(): number;
  now(): number;
  /** How long the next message is on its way: activity looks newer by so much. */
  way(): number;
  /** The session that the readable cookie names, `undefined` where there is none to read. */
  seen(): string | null | undefined;
  /** Deletes the readable cookie if it still names `sessionId`. */
  forget(sessionId: string): void;
  /**
   * Sends what `make` makes to the engine, which answers with `receive`; again if the engine dies
   * before it has.
   */
  ask(tab: ModelTab, make: () => Ask): void;
}

/**
 * A page, as little of it as has a say: it pings only when that can change what the engine decides.
 */
export interface ModelTab {
  readonly name: string;
  visible: boolean;
  frozen: boolean;
  /** A stale `session` option: what it said last; `null` while it is right. */
  pinned: { seen: string | null | undefined } | null;
  readonly snapshot: EngineSnapshot | null;
  /** How often the tab acted on the end of each epoch. */
  readonly ends: ReadonlyMap<string, number>;
  act(): void;
  ask(kind: AskKind): void;
  /**
   * Pings if there is a reason to: a session that it sees, activity at or after `wakeAt`, an ask
   * that waited.
   */
  look(): void;
  /** The known end, and a minute before it. */
  watchEnd(): void;
  receive(snapshot: EngineSnapshot, from: 'reply' | 'news'): void;
}

export function createModelTab(name: string, world: TabWorld): ModelTab {
  let activeAt: number | null = null;
  let snapshot: EngineSnapshot | null = null;
  const ends = new Map<string, number>();

  const see = () => (tab.pinned ? tab.pinned.seen : world.seen());

  const tab: ModelTab = {
    name,
    visible: true,
    frozen: false,
    pinned: null,
    ends,
    get snapshot() {
      return snapshot;
    },
    act() {
      activeAt = world.now();
      tab.look();
    },
    ask(kind) {
      const saw = see();
      world.ask(tab, () => {
        const seen = see();
        // The user signed in meanwhile: a sign-out that is sent again must not end the new session.
        const said = kind === 'signed-out' && seen && seen !== saw ? 'hello' : kind;
        return {
          kind: said,
          tab: name,
          seen,
          visible: tab.visible,
          activityAge: activeAt === null ? Infinity : Math.max(0, world.now() - activeAt - world.way()),
          online: true,
          ...(said === 'hello' && { settings: DEFAULT_SETTINGS }),
        };
      });
    },
    look() {
      const seen = see();
      if (!snapshot) return tab.ask('hello');
      const known = [snapshot.sessionId, snapshot.endedSessionId];
      if (seen !== undefined && !(seen === null ? snapshot.status !== 'active' : known.includes(seen))) {
        return tab.ask('hello');
      }
      const { wakeAt, wanted } = snapshot;
      if (world.wall() < wakeAt) return;
      const age = activeAt === null ? Infinity : world.now() - activeAt;
      if (!wanted.tried) tab.ask('visible');
      else if (tab.visible && age <= DEFAULT_SETTINGS.activeWindow) tab.ask('activity');
    },
    watchEnd() {
      if (snapshot?.status !== 'active') return;
      const { idleExpiresIn, absoluteExpiresIn } = snapshot.facts;
      const end = snapshot.factsAt + Math.min(idleExpiresIn ?? Infinity, absoluteExpiresIn ?? Infinity) * 1_000;
      if (world.wall() >= end) tab.ask('end');
      else if (world.wall() >= end - DEFAULT_SETTINGS.warnBefore) tab.ask('warning');
    },
    receive(next, from) {
      if (tab.frozen) return;
      const foreign = snapshot !== null && next.epoch.store !== snapshot.epoch.store;
      if (foreign && from === 'news') return tab.ask('hello');
      if (snapshot && !foreign && next.epoch.n < snapshot.epoch.n) return;
      const isEnd = next.status === 'expired' || next.status === 'signed-out';
      if (isEnd && (!snapshot || foreign || next.epoch.n > snapshot.epoch.n)) {
        const key = `${next.epoch.store} ${next.epoch.n}`;
        ends.set(key, (ends.get(key) ?? 0) + 1);
        if (next.endedSessionId !== null) world.forget(next.endedSessionId);
      }
      snapshot = next;
    },
  };
  return tab;
}
