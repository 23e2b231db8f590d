import { afterEach, expect, it, vi } from 'vitest';
import { pageEvents } from './page-events.js';

afterEach(() => vi.unstubAllGlobals());

it('is told of a page that is hidden and comes back, and of none that a script says so of', () => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', document);
  vi.stubGlobal('window', new EventTarget());
  const log: string[] = [];
  const nothing = (): void => undefined;
  const undo = pageEvents({
    onVisible: () => log.push('visible'),
    onHidden: () => log.push('hidden'),
    onOnline: nothing,
    onLeave: nothing,
    onReturn: nothing,
    onResume: nothing,
    onCookie: nothing,
  });
  const change = (state = document.visibilityState): void => {
    document.visibilityState = state;
    document.dispatchEvent(new Event('visibilitychange'));
  };
  change();
  expect(log).toEqual([]);
  change('hidden');
  change('visible');
  change();
  expect(log).toEqual(['hidden', 'visible']);
  undo();
  change('hidden');
  expect(log).toEqual(['hidden', 'visible']);
});
