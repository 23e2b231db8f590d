import { describe, expect, it } from 'vitest';
import { type CoachFacts, coach } from './coach.js';

const facts: CoachFacts = { kept: 'active', reason: null, alone: 'active', hasTyped: false, isEnding: false };

describe('the coach', () => {
  it('tells the visitor what to do next', () => {
    const advice = [
      coach(facts, 45),
      coach({ ...facts, hasTyped: true }, 45),
      coach({ ...facts, hasTyped: true, alone: 'expired' }, 45),
      coach({ ...facts, alone: 'expired', isEnding: true }, 45),
      coach({ ...facts, alone: 'expired', kept: 'expired', reason: 'idle_timeout' }, 45),
    ];
    expect(advice.map(({ step }) => step)).toEqual([1, 1, 2, 3, 3]);
    expect(advice.map(({ text }) => text)).toEqual([
      expect.stringContaining('45 s without you'),
      expect.stringContaining('Go on typing'),
      expect.stringContaining('take your hands off'),
      expect.stringContaining('may end too'),
      expect.stringContaining('Nobody was here'),
    ]);
  });

  it('does not say that somebody typed who did not', () => {
    expect(coach({ ...facts, alone: 'expired' }, 45).text).not.toContain('fingers');
  });

  it('does not say that nobody was here when the session was revoked', () => {
    expect(coach({ ...facts, kept: 'expired', reason: 'refresh_rejected' }, 45).text).not.toContain('Nobody');
  });
});
