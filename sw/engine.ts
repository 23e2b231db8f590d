import type { Answer, Attempt, CoreEvent, Step } from './core/events.js';
import { snapshotOf } from './core/snapshot.js';
import { transition } from './core/transition.js';
import type { Engine } from './engine-types.js';
import type { Ports } from './ports.js';
import type { Ask, EngineEvent, EngineSnapshot, ErrorCode, Outcome } from './protocol.js';
import { PROTOCOL_VERSION } from './protocol.js';
import { type Found, readStored, writeStored } from './stored-state.js';

/** How long an ask waits for the lock: with two requests of 15 s this stays well under the 60 s after which Firefox stops a worker. */
const LOCK_WAIT_MS = 15_000;
/** A request that a flight could not answer goes out once more, not for ever. */
const MAX_FLIGHTS = 2;

/** A core event without what only the moment of the save can say. */
type Cause = CoreEvent extends infer E ? (E extends CoreEvent ? Omit<E, 'at' | 'random'> : never) : never;

export interface EngineOptions {
  /** Whether there is an endpoint that tells what is left. */
  checkable: boolean;
  /** Events to be told with the first news: who runs here. */
  events?: EngineEvent[];
}

/**
 * The core in the world. For each event: load, decide, save in one atomic update, act, tell. Nothing that matters is kept in memory:
 * any `await` may be the last line that runs.
 */
export function createEngine(ports: Ports, options: EngineOptions): Engine {
  const { clock, random, store, lock, refresh, channel } = ports;
  const { checkable } = options;
  let untold = options.events ?? [];
  let flying: AbortController | null = null;

  const shared = () => store.shared && lock.shared;

  /** One decision, saved. The clock is read inside the update, so that saved decisions are in the order of their instants. */
  async function decide(cause: Cause, receivedAt = clock.now()): Promise<Step & { found: Found }> {
    let step: (Step & { found: Found }) | null = null;
    await store.update((stored) => {
      const at = clock.now();
      const { state, found } = readStored(stored, random.id());
      step = { ...transition(state, { ...age(cause, at - receivedAt), at, random: random.next() }), found };
      return writeStored(step.state, stored, found);
    });
    if (!step) throw new Error('The store did not run its update');
    return step;
  }

  /** Tells all tabs what has changed. The outbox is emptied after the post: a kill in between tells twice, never not at all. */
  async function tell({ state, events, found }: Step & { found: Found }, error?: ErrorCode): Promise<EngineSnapshot> {
    const snapshot = snapshotOf(state, shared());
    const { epoch } = state;
    const storage: EngineEvent[] =
      found === 'corrupted' || found === 'newer'
        ? [{ type: 'storage', at: clock.now(), problem: found === 'newer' ? 'newer' : 'rebuilt' }]
        : [];
    const news = [...untold, ...storage, ...events];
    untold = [];
    if (news.length > 0 || state.toldEpoch < epoch.n) {
      channel.post({
        stillhere: PROTOCOL_VERSION,
        type: 'news',
        payload: { snapshot, events: news, ...(error && { error }) },
      });
    }
    if (state.toldEpoch < epoch.n) await decide({ type: 'told', store: epoch.store, n: epoch.n });
    return snapshot;
  }

  async function send(request: Parameters<typeof refresh.send>[0], timeout: number): Promise<Answer> {
    const controller = new AbortController();
    // Not `AbortSignal.any`, which browsers of 2022 lack.
    AbortSignal.timeout(timeout).addEventListener('abort', () => controller.abort());
    flying = controller;
    try {
      return await refresh.send(request, controller.signal);
    } finally {
      if (flying === controller) flying = null;
    }
  }

  /** Under the lock: decide again, send, judge. */
  async function fly(first: Attempt): Promise<{ outcome: Outcome; snapshot: EngineSnapshot }> {
    let attempt = first;
    for (let flights = 1; ; flights += 1) {
      const begun = await decide({ type: 'begin', attempt, checkable });
      const snapshot = await tell(begun);
      const [effect] = begun.effects;
      if (effect?.type !== 'send')
        return { outcome: effect?.type === 'settle' ? effect.outcome : 'unavailable', snapshot };
      const answer = await send(effect.request, begun.state.settings.requestTimeout);
      const judged = await decide({ type: 'answer', flight: effect.flight, answer });
      const after = await tell(judged, answer.kind === 'failed' ? (answer.error ?? undefined) : undefined);
      const [next] = judged.effects;
      if (next?.type === 'attempt' && flights < MAX_FLIGHTS) attempt = next.attempt;
      else return { outcome: next?.type === 'settle' ? next.outcome : 'unavailable', snapshot: after };
    }
  }

  async function act(
    step: Step,
    snapshot: EngineSnapshot,
    ask: Ask,
  ): Promise<{ outcome: Outcome; snapshot: EngineSnapshot }> {
    const [effect] = step.effects;
    if (ask.kind === 'signed-out') {
      // Nothing may arrive after the sign-out: what flies here is dropped, what flies elsewhere is waited for.
      flying?.abort();
      await lock.run(AbortSignal.timeout(LOCK_WAIT_MS), async () => {}).catch(() => {});
    }
    if (effect?.type === 'attempt') {
      try {
        return await lock.run(AbortSignal.timeout(LOCK_WAIT_MS), () => fly(effect.attempt));
      } catch {
        return { outcome: 'unavailable', snapshot };
      }
    }
    return { outcome: effect?.type === 'settle' ? effect.outcome : 'unavailable', snapshot };
  }

  return {
    ask(ask) {
      const receivedAt = clock.now();
      const decided = decide({ type: 'ask', ask, checkable }, receivedAt);
      const ack = decided.then(tell);
      const done = ack.then(async (snapshot) => act(await decided, snapshot, ask));
      return { ack, done };
    },
    async wake() {
      await tell(await decide({ type: 'wake' }));
    },
  };
}

/** An ask that waited for the storage is older by that much. */
function age(cause: Cause, waited: number): Cause {
  if (cause.type !== 'ask' || cause.ask.activityAge === null || waited <= 0) return cause;
  return { ...cause, ask: { ...cause.ask, activityAge: cause.ask.activityAge + waited } };
}
