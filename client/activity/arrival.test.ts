import { afterEach, expect, it, vi } from 'vitest';
import { arrivedAt } from './arrival.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

interface Loaded {
  type?: string;
  referrer?: string;
  href?: string;
  visibilityState?: string;
  top?: object;
  activationStart?: number;
}

/** When the user of a page that was loaded so arrived, a second before now. */
function arrival({ type = 'navigate', referrer = '', href = 'https://app.example/form', ...page }: Loaded): number {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  const self = {};
  vi.stubGlobal('window', Object.assign(self, { top: page.top ?? self }));
  vi.stubGlobal('location', new URL(href));
  vi.stubGlobal('document', { referrer, visibilityState: page.visibilityState ?? 'visible' });
  vi.stubGlobal('performance', {
    now: () => 1_000,
    getEntriesByType: () => [{ type, activationStart: page.activationStart ?? 0 }],
  });
  return arrivedAt();
}

it('is when a navigation began, or a prerendered page was looked at', () => {
  expect(arrival({})).toBe(999_000);
  expect(arrival({ referrer: 'https://app.example/list' })).toBe(999_000);
  expect(arrival({ activationStart: 700 })).toBe(999_700);
});

it('is never in a page that was reloaded or restored, is hidden, or is a frame', () => {
  for (const page of [{ type: 'reload' }, { type: 'back_forward' }, { visibilityState: 'hidden' }, { top: {} }])
    expect(arrival(page)).toBe(0);
});

it('is never where a page leads to itself, as scripts do that reload it', () => {
  expect(arrival({ referrer: 'https://app.example/form' })).toBe(0);
  expect(arrival({ referrer: 'https://app.example/form?page=1', href: 'https://app.example/form?page=2' })).toBe(
    999_000,
  );
});
