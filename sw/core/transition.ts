import { isAhead, settleClocks } from './clocks.js';
import type { CoreEvent, Step } from './events.js';
import { onAnswer } from './on-answer.js';
import { onAsk } from './on-ask.js';
import { onBegin } from './on-begin.js';
import type { State } from './state.js';

/**
 * Decides everything, as a pure function: it takes the state and a cause, and returns the new state
 * and the next action. A page's `ask` is noted, and may need an attempt. Under the lock the attempt
 * may `begin`, and sends a request. The `answer` to it is judged. After news were sent, `told`
 * notes their epoch.
 */
export function transition(before: State, happened: CoreEvent): Step {
  const state = settleClocks(before, happened.at);
  const event = settleClocks(happened, happened.at);
  const { type } = event;
  if (type === 'ask') {
    // The page asked before the clock was set back. Nothing tells which requests have left since,
    // so the session that the page saw may be out of date.
    const isOld = 'askedAt' in happened && isAhead(happened.askedAt, happened.at);
    return onAsk(state, isOld ? { ...event, ask: { ...event.ask, seen: undefined } } : event);
  }
  if (type === 'begin') return onBegin(state, event);
  if (type === 'answer') return onAnswer(state, event);
  const { store, n } = event.epoch;
  if (store === state.epoch.store) state.toldEpoch = Math.max(state.toldEpoch, n);
  return { state, outcome: 'unavailable' };
}
