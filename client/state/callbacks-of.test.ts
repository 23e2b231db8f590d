import { describe, expect, it } from 'vitest';
import type { EngineSnapshot } from '../../sw/protocol.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { callbacksOf, nothingTold } from './callbacks-of.js';
import { pageSnapshot, UNKNOWN } from './page-snapshot.js';

/** Everything an application is told of, in order. */
function tell(states: Partial<EngineSnapshot>[], hadSession = false, owner?: string | null): string[] {
  const told = nothingTold();
  return states.flatMap((state) =>
    callbacksOf(told, pageSnapshot(UNKNOWN, engineSnapshot(state), 'worker', null), hadSession, owner),
  );
}

const active = { status: 'active' } as const;
const expired = { status: 'expired', sessionId: null } as const;
const signedOut = { status: 'signed-out', sessionId: null } as const;
const unknown = { status: 'unknown', sessionId: null, user: null } as const;

describe('the difference between what an application knows and what is', () => {
  it('is nothing for the first session that a page sees', () => {
    expect(tell([unknown, active])).toEqual([]);
  });

  it('is an end, told once', () => {
    expect(tell([active, expired, expired])).toEqual(['onExpired']);
    expect(tell([active, signedOut])).toEqual(['onSignedOut']);
    expect(tell([active, expired, signedOut])).toEqual(['onExpired', 'onSignedOut']);
  });

  it('is an end at the start only for a page that had a session', () => {
    expect(tell([expired], false)).toEqual([]);
    expect(tell([expired], true)).toEqual(['onExpired']);
    expect(tell([unknown, signedOut], true)).toEqual([]);
  });

  it('is a sign-in after an end, of the same user or of another', () => {
    expect(tell([active, expired, { sessionId: 'S2' }])).toEqual(['onExpired', 'onSignedIn']);
    expect(tell([active, signedOut, { sessionId: 'S2', user: 'U2' }])).toEqual(['onSignedOut', 'onUserChanged']);
  });

  it('is another user wherever the server does not say who has signed in', () => {
    expect(tell([active, expired, { sessionId: 'S2', user: null }])).toEqual(['onExpired', 'onUserChanged']);
    expect(tell([active, { sessionId: 'S2', user: null }])).toEqual(['onUserChanged']);
    const unnamed = { ...active, user: null } as const;
    expect(tell([unnamed, { sessionId: 'S2', user: null }])).toEqual(['onUserChanged']);
    expect(tell([unnamed, { ...expired, user: null }, { sessionId: 'S2', user: 'U1' }])).toEqual([
      'onExpired',
      'onUserChanged',
    ]);
    expect(tell([unnamed, { lastBeatAt: 600_000, user: null }])).toEqual(['onRefreshed']);
  });

  it('is another user though the server names users and no sessions', () => {
    expect(
      tell([
        { sessionId: null, user: 'U1' },
        { sessionId: null, user: 'U2' },
      ]),
    ).toEqual(['onUserChanged']);
    expect(
      tell([
        { sessionId: null, user: 'U1' },
        { sessionId: null, user: 'U1' },
      ]),
    ).toEqual([]);
  });

  it('is a sign-in for a page that showed no data of any user', () => {
    expect(tell([signedOut, { sessionId: 'S1', user: 'U1' }])).toEqual(['onSignedIn']);
    expect(tell([signedOut, { sessionId: 'S1', user: null }])).toEqual(['onSignedIn']);
    expect(tell([expired, { sessionId: 'S1' }], true)).toEqual(['onExpired', 'onSignedIn']);
    expect(tell([{ ...expired, user: null }, { sessionId: 'S1' }], true)).toEqual(['onExpired', 'onUserChanged']);
  });

  it('is measured from the user for whom the page was rendered', () => {
    expect(tell([active], true, 'U1')).toEqual([]);
    expect(tell([{ user: 'U2' }], true, 'U1')).toEqual(['onUserChanged']);
    expect(tell([expired], false, 'U1')).toEqual(['onExpired']);
    expect(tell([signedOut], false, 'U1')).toEqual(['onSignedOut']);
    expect(tell([signedOut, { sessionId: 'S2', user: 'U1' }], false, 'U1')).toEqual(['onSignedOut', 'onSignedIn']);
    // A page that is loaded again for want of a name would be loaded for ever.
    expect(tell([{ user: null }], true, 'U1')).toEqual([]);
    for (const owner of [null, undefined])
      expect([tell([{ user: 'U2' }], true, owner), tell([signedOut], false, owner)]).toEqual([[], []]);
  });

  it('is a changed session though the end in between was missed', () => {
    expect(tell([active, { sessionId: 'S2', user: 'U2' }])).toEqual(['onUserChanged']);
    expect(tell([active, { sessionId: 'S2' }])).toEqual(['onSignedIn']);
    expect(tell([active, unknown, { sessionId: 'S2', user: 'U2' }])).toEqual(['onUserChanged']);
  });

  it('is a confirmed beat when the last one has moved', () => {
    expect(tell([active, { lastBeatAt: 600_000 }, { lastBeatAt: 600_000 }])).toEqual(['onRefreshed']);
  });
});

describe('a page snapshot', () => {
  it('keeps its identity until something changes', () => {
    const first = pageSnapshot(UNKNOWN, engineSnapshot(), 'worker', null);
    expect(pageSnapshot(first, engineSnapshot(), 'worker', null)).toBe(first);
    expect(pageSnapshot(first, engineSnapshot({ user: 'U2' }), 'worker', null)).not.toBe(first);
  });

  it('shows nothing that pages have no use for', () => {
    expect(Object.keys(pageSnapshot(UNKNOWN, engineSnapshot(), 'page', null)).sort()).toEqual(
      Object.keys(UNKNOWN).sort(),
    );
  });
});
