import type { AskKind, Outcome } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import { isForeign } from '../state/is-news.js';
import type { Knowledge } from '../state/knowledge.js';
import { isOver } from '../state/known-end.js';
import type { Host } from '../transport/host.js';
import type { Presence } from './presence.js';

/** Decides what a tab asks the engine, and when. */
export interface Agenda {
  ask(kind: AskKind): Promise<Outcome>;
  /**
   * Does what is due and sets one timer for the next task. Idempotent, and called after every
   * change.
   */
  plan(): void;
  /** The page is put away, or the tab stops: nothing more is planned until the page is back. */
  pause(isAway: boolean): void;
}

const LONGEST_TIMER = 2 ** 31 - 1;

export function createAgenda(
  { settings }: ResolvedOptions,
  known: Knowledge,
  presence: Presence,
  send: Host['ask'],
  tab: string,
): Agenda {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPaused = false;
  /**
   * How many asks of this page have no outcome yet. While there is one, no further ping is sent.
   */
  let flying = 0;
  /**
   * From this instant on a further ping is sent all the same. The worker may have died, and no
   * event tells a page of that. A live worker joins the ping to the request that is on its way.
   * Each ask that has no outcome yet doubles the time, so that a slow server or worker gets few of
   * them.
   */
  let stalledAt = 0;
  /** The last ask waits for `wakeAt`. */
  let isRefused = false;

  async function ask(kind: AskKind): Promise<Outcome> {
    stalledAt = Date.now() + settings.minInterval * 2 ** flying;
    flying += 1;
    const saw = known.see();
    const before = known.engine;
    let sentAt = 0;
    const outcome = await send(
      () => {
        sentAt = Date.now();
        const seen = known.see();
        // The user signed in meanwhile: a sign-out that is sent again must not end the new session.
        const said = kind === 'signed-out' && seen && seen !== saw ? 'hello' : kind;
        return { kind: said, tab, seen, ...presence.facts(), ...(said === 'hello' && { settings }) };
      },
      (next) => known.receive(next, sentAt),
    );
    flying -= 1;
    if (isPaused) return outcome;
    const { engine } = known;
    isRefused = engine?.wanted.tried === false;
    if (outcome === 'ended') known.dropSeen();
    if (outcome === 'alive' || outcome === 'ended') known.trust();
    // An engine that has lost its storage has lost this page's settings too. If the page sees no
    // session, such an engine would not ask the server. This never happens after an end: a late
    // answer could sign the user in again.
    if (engine && kind !== 'hello' && isForeign(before, engine) && !isOver(engine)) void ask('hello');
    plan();
    return outcome;
  }

  function plan(): void {
    clearTimeout(timer);
    if (isPaused) return;
    const now = Date.now();
    // The clock was set back (rule 4). The page asks the server now, or it would stay silent until
    // the old time is reached again.
    if (presence.isSetBack(now)) void ask('check');
    const { engine } = known;
    let next = known.end.check(now);
    const due = engine ? presence.dueAt(engine, isRefused && !engine.wanted.tried) : Infinity;
    const pingAt = flying ? Math.max(due, stalledAt) : due;
    if (engine && pingAt <= now) void ask(presence.ping(now, engine));
    else next = Math.min(next, pingAt);
    known.publish();
    // A timer takes 32 bits. A longer one would fire at once.
    if (next < Infinity) timer = setTimeout(plan, Math.min(next - now, LONGEST_TIMER));
  }

  return {
    ask,
    plan,
    pause(isAway) {
      isPaused = isAway;
      clearTimeout(timer);
    },
  };
}
