import { expect, it } from 'vitest';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { changeOf } from './events-of.js';

const active = engineSnapshot();

it('tells of an end with its reason, and nothing while nothing is known', () => {
  const expired = engineSnapshot({ status: 'expired', reason: 'idle_timeout', sessionId: null });
  expect(changeOf(active, expired, 5)).toEqual([{ type: 'end', at: 5, status: 'expired', reason: 'idle_timeout' }]);
  expect(changeOf(active, engineSnapshot({ status: 'unknown' }), 5)).toEqual([]);
});

it('tells of another session, and whether it is another user where both are known', () => {
  const told = (user: string | null) => changeOf(active, engineSnapshot({ sessionId: 'S2', user }), 5);
  expect(told('U1')).toEqual([{ type: 'session', at: 5, sessionId: 'S2', userChanged: false }]);
  expect(told('U2')).toMatchObject([{ userChanged: true }]);
  expect(told(null)).toMatchObject([{ userChanged: false }]);
});
