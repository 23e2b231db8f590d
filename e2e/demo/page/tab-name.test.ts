import { expect, it } from 'vitest';
import { tabName } from './tab-name.js';

it('gives every tab a name of its own and keeps it, however many there are', () => {
  const ids = Array.from({ length: 100 }, (_, i) => `tab-${i}`);
  const names = ids.map(tabName);
  expect(new Set(names).size).toBe(100);
  expect(ids.map(tabName)).toEqual(names);
});
