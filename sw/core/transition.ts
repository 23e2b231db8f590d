import { isAhead, settleClocks } from './clocks.js';
import type { CoreEvent, Step } from './events.js';
import { onAnswer } from './on-answer.js';
import { onAsk } from './on-ask.js';
import { onBegin } from './on-begin.js';
import type { State } from './state.js';

/**
 * The whole decision, pure: what is known and what happened in, what is known and what is to be
 * done out. A page's `ask` is noted and may want an attempt; under the lock the attempt `begin`s,
 * if it is still needed, with a flight; its `answer` is judged; what was `told` to all tabs leaves
 * the outbox.
 */
export function transition(before: State, happened: CoreEvent): Step {
  const state = settleClocks(before, happened.at);
  const event = settleClocks(happened, happened.at);
  const { type } = event;
  if (type === 'ask') {
    // The page asked before the clock was set back. It cannot be told which requests have left
    // since, so what the page saw then is not known to be so now.
    const isOld = 'askedAt' in happened && isAhead(happened.askedAt, happened.at);
    return onAsk(state, isOld ? { ...event, ask: { ...event.ask, seen: undefined } } : event);
  }
  if (type === 'begin') return onBegin(state, event);
  if (type === 'answer') return onAnswer(state, event);
  const { store, n } = event.epoch;
  if (store === state.epoch.store) state.toldEpoch = Math.max(state.toldEpoch, n);
  return { state, outcome: 'unavailable' };
}
