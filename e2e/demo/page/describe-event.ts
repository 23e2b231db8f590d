import type { KeepaliveEvent } from '../../../client/types.js';
import type { DemoEvent, Tone } from './demo-event.js';
import { formatSpan } from './format.js';

/** One event in words, with the colour of its row and the tab it came from. */
export interface Description {
  text: string;
  tone: Tone;
  tab: string | null;
}

type EventOf<T extends KeepaliveEvent['type']> = Extract<KeepaliveEvent, { type: T }>;

const ASKS: Record<EventOf<'ping'>['ask'], string> = {
  hello: 'opened, says hello',
  activity: 'you are here',
  visible: 'became visible',
  online: 'back online',
  touch: 'touched by the application',
  extend: 'asks to stay signed in',
  check: 'asks what is left',
  warning: 'asks before it warns',
  end: 'asks whether it is over',
  unauthorized: 'refused by the application',
  'signed-in': 'has signed in',
  'signed-out': 'signs out',
};

const SKIPS: Record<EventOf<'skip'>['reason'], string> = {
  'not-due': 'no beat is due yet',
  'no-activity': 'nobody was active lately',
  'already-reported': 'this activity was reported before',
  hidden: 'the tab is hidden',
  over: 'the session is over',
  'signed-out': 'nobody is signed in',
  'retry-after': 'the server asked to wait',
  'back-off': 'waiting after a failure',
  rate: 'enough asked for now',
  joined: 'a request is on its way already',
};

function describeAnswer(event: EventOf<'answer'>): { text: string; tone: Tone } {
  const took = `${Math.round(event.took)} ms`;
  if (event.stale) return { text: `Late answer dropped (${event.code}, ${took})`, tone: 'quiet' };
  if (event.outcome === 'alive') {
    return { text: `Answer: alive${event.refreshed ? ', tokens refreshed' : ''} · ${took}`, tone: 'good' };
  }
  if (event.outcome === 'ended') return { text: `Answer: over, ${event.code} · ${took}`, tone: 'end' };
  return { text: `Not now: ${event.code}. The session is kept · ${took}`, tone: 'wait' };
}

function describeSkip(event: EventOf<'skip'>): string {
  const wait =
    event.until === null || event.until <= event.at ? '' : `, again in ${formatSpan(event.until - event.at)}`;
  return `No request: ${SKIPS[event.reason]}${wait}`;
}

/** Says what happened in one short sentence. */
export function describeEvent(event: DemoEvent): Description {
  switch (event.type) {
    case 'ping':
      return { text: `Ping: ${ASKS[event.ask]}`, tone: 'quiet', tab: event.tab };
    case 'skip':
      return {
        text: describeSkip(event),
        tone: event.reason === 'retry-after' || event.reason === 'back-off' ? 'wait' : 'quiet',
        tab: event.tab,
      };
    case 'beat':
      return {
        text:
          event.activity === 'user'
            ? `Beat: you were active ${formatSpan(event.idleMs)} ago`
            : 'Beat that reports nobody: only asks',
        tone: 'good',
        tab: null,
      };
    case 'check':
      return { text: 'Check: what is left? Extends nothing', tone: 'quiet', tab: null };
    case 'answer':
      return { ...describeAnswer(event), tab: null };
    case 'end':
      return {
        text:
          event.status === 'signed-out'
            ? 'Signed out, in every tab'
            : `The kept session has ended${event.reason ? `: ${event.reason}` : ''}`,
        tone: 'end',
        tab: null,
      };
    case 'session':
      return { text: event.userChanged ? 'Somebody else is signed in' : 'A session is known', tone: 'note', tab: null };
    case 'worker':
      return { text: `A worker has started (${event.instance.slice(0, 4)})`, tone: 'note', tab: null };
    case 'storage':
      return { text: `Storage: ${event.problem}`, tone: 'wait', tab: null };
    case 'host':
      return {
        text: event.host === 'worker' ? 'The engine runs in the worker' : 'The engine runs in this page',
        tone: 'note',
        tab: null,
      };
    case 'error':
      return { text: `Problem ${event.code}: ${event.message}`, tone: 'wait', tab: null };
    case 'note':
      return { text: event.text, tone: event.tone, tab: event.tab };
  }
}
