import { expect, it } from 'vitest';
import { coach } from './coach.js';

it('tells the visitor what to do next', () => {
  const facts = { kept: 'active', alone: 'active', hasTyped: false, isEnding: false } as const;
  expect([
    coach(facts, 45),
    coach({ ...facts, hasTyped: true }, 45),
    coach({ ...facts, hasTyped: true, alone: 'expired' }, 45),
    coach({ ...facts, alone: 'expired', isEnding: true }, 45),
    coach({ ...facts, alone: 'expired', kept: 'expired' }, 45),
  ]).toEqual([
    expect.stringContaining('Start typing'),
    expect.stringContaining('Go on typing'),
    expect.stringContaining('take your hands off'),
    expect.stringContaining('may end too'),
    expect.stringContaining('still here'),
  ]);
});
