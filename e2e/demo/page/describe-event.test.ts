import { describe, expect, it } from 'vitest';
import { describeEvent } from './describe-event.js';

const at = 1_000_000;

describe('a row of the timeline', () => {
  it('says how long ago the user was active that a beat reports', () => {
    expect(describeEvent({ type: 'beat', at, why: 'due', activity: 'user', idleMs: 1_240 })).toEqual({
      text: 'Beat: you were active 1.2 s ago',
      tone: 'good',
      tab: null,
    });
  });

  it('says that a failed answer ends nothing', () => {
    const event = {
      type: 'answer',
      at,
      took: 12.4,
      outcome: 'unavailable',
      code: 'provider_unreachable',
      refreshed: false,
      stale: false,
    } as const;
    expect(describeEvent(event)).toMatchObject({
      text: 'Not now: provider_unreachable. The session is kept · 12 ms',
      tone: 'wait',
    });
  });

  it('names the reason of a skip and when to come back', () => {
    const event = { type: 'skip', at, tab: 'a', ask: 'activity', reason: 'retry-after', until: at + 4_000 } as const;
    expect(describeEvent(event)).toEqual({
      text: 'No request: the server asked to wait, again in 4.0 s',
      tone: 'wait',
      tab: 'a',
    });
  });
});
