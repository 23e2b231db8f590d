import { patience } from './core/backoff.js';
import type { Cause, RefreshRequest, Step } from './core/events.js';
import { snapshotOf } from './core/snapshot.js';
import type { State } from './core/state.js';
import { transition } from './core/transition.js';
import type { Ending, Engine } from './engine-types.js';
import type { Ports } from './ports.js';
import { type Ask, type EngineSnapshot, type Fact, PROTOCOL_VERSION } from './protocol.js';
import { readStored, writeStored } from './stored-state.js';

/** How many requests one ask may send, if an answer leaves the ask open. */
const MAX_FLIGHTS = 2;

/**
 * Runs the core with real ports. For each cause it loads the state, decides and saves in one atomic
 * update, then acts and sends news. Nothing that matters is kept in memory, because each `await`
 * may be the last line that runs. (`own` only helps an engine whose record a newer version has
 * replaced.)
 *
 * @param checkable There is an endpoint that tells what is left of the session.
 * @param untold Facts that go out with the first news.
 */
export function createEngine(
  { clock, random, store, lock, refresh, channel }: Ports,
  checkable: boolean,
  untold: Fact[] = [],
): Engine {
  let flying: AbortController | undefined;
  let own: State | undefined;
  let isBusy = false;

  /**
   * Makes one decision and saves it. The clock is read inside the update, so that decisions are
   * saved in the order of their instants.
   */
  async function decide(cause: Cause): Promise<Step> {
    let step: Step | undefined;
    await store.update((stored) => {
      const { state: before, found } = readStored(stored, random.id(), own);
      const at = clock.now();
      step = transition(before, { ...cause, at, random: random.next(), checkable });
      const { state, ...todo } = step;
      own = state;
      if (cause.type !== 'told' || found === 'corrupted') untold.push({ ...cause, ...todo, at, found });
      return writeStored(state, stored, found);
    });
    return step as Step;
  }

  /**
   * Tells all tabs of a change. The change counts as told only after the post: if the worker is
   * killed in between, the tabs are told twice.
   */
  async function tell(state: State): Promise<EngineSnapshot> {
    const snapshot = snapshotOf(state, store.shared && lock.shared, clock.now());
    const { epoch, toldEpoch } = state;
    const isBehind = toldEpoch < epoch.n;
    if (isBehind || untold.length)
      channel.post({ stillhere: PROTOCOL_VERSION, type: 'news', payload: { snapshot, facts: untold.splice(0) } });
    if (isBehind) await decide({ type: 'told', epoch });
    return snapshot;
  }

  /** Makes one decision, saves it and tells the tabs. */
  async function run(cause: Cause): Promise<Step & Ending> {
    const step = await decide(cause);
    return { ...step, snapshot: await tell(step.state) };
  }

  function send(request: RefreshRequest, timeout: number): ReturnType<typeof refresh.send> {
    // Browsers of 2022 lack `AbortSignal.any`.
    const controller = new AbortController();
    AbortSignal.timeout(timeout).addEventListener('abort', () => controller.abort());
    flying = controller;
    return refresh.send(request, controller.signal);
  }

  /**
   * Decides again, sends the request and judges its answer. It runs under the lock or, with
   * `isPassed`, without it, because another engine holds the lock and stands still.
   */
  async function fly(ask: Ask, askedAt: number, isPassed: boolean): Promise<Ending> {
    let judged: (Step & Ending) | undefined;
    for (let flights = 1; ; flights += 1) {
      const begun = await run({ type: 'begin', ask, askedAt, isPassed });
      const { flight, state, skipped } = begun;
      // Asks that came in the meantime wait. This one has its answer.
      if (!flight) return judged && skipped !== 'joined' ? { ...begun, outcome: judged.outcome } : begun;
      const answer = await send(flight, patience(state, flight.sentAt));
      judged = await run({ type: 'answer', flight, answer });
      if (!judged.attempt || flights === MAX_FLIGHTS) return judged;
    }
  }

  /** Acts on an ask after it was noted: takes a turn under the lock, or does nothing. */
  async function act(ask: Ask, askedAt: number, asked: Promise<Step & Ending>): Promise<Ending> {
    const noted = await asked;
    const isSignOut = ask.kind === 'signed-out';
    // No request may arrive after the sign-out. This engine's own request is aborted, and the
    // requests of other engines are waited for.
    if (isSignOut) flying?.abort();
    if (!noted.attempt && !isSignOut) return noted;
    const turn = async (isPassed: boolean): Promise<Ending> => {
      if (!noted.attempt || isBusy) return noted;
      isBusy = true;
      return fly(ask, askedAt, isPassed).finally(() => {
        isBusy = false;
      });
    };
    // If the engine's own request still runs, it waits again. After a sleep of the device the time
    // limits of the request and of the wait end at once.
    const wait = (patient = AbortSignal.timeout(patience(noted.state, askedAt))): Promise<Ending> =>
      lock.run(patient, () => turn(false)).catch(() => (isBusy && patient.aborted ? wait() : turn(true)));
    return wait();
  }

  return {
    ask(ask) {
      const askedAt = clock.now();
      const asked = run({ type: 'ask', ask, askedAt });
      return {
        ack: asked.then(({ snapshot }) => snapshot),
        done: act(ask, askedAt, asked).then(({ outcome, snapshot }) => ({ outcome, snapshot })),
      };
    },
    wake: () => run({ type: 'told', epoch: { store: '', n: 0 } }),
  };
}
