import { settleClocks } from './clocks.js';
import type { CoreEvent, Step } from './events.js';
import { onAnswer } from './on-answer.js';
import { onAsk } from './on-ask.js';
import { onBegin } from './on-begin.js';
import type { State } from './state.js';

/** The whole decision, pure: what is known and what happened in, what is known and what is to be done out. */
export function transition(before: State, event: CoreEvent): Step {
  const state = settleClocks(before, event.at);
  switch (event.type) {
    case 'wake':
      return { state, effects: [], events: [] };
    case 'ask':
      return onAsk(state, event);
    case 'begin':
      return onBegin(state, event);
    case 'answer':
      return onAnswer(state, event);
    case 'told':
      return {
        state: event.store === state.epoch.store ? { ...state, toldEpoch: Math.max(state.toldEpoch, event.n) } : state,
        effects: [],
        events: [],
      };
  }
}
