import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveOptions } from '../options.js';
import { workerPlace } from './worker-place.js';

beforeEach(() => {
  vi.stubGlobal('location', new URL('https://app.example/'));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('gives the ready-made worker its address and nothing else, at a scope that contains no page', () => {
  expect(workerPlace(resolveOptions({ interval: 1_000, name: 'my app/1' }))).toEqual({
    script:
      'https://app.example/auth/stillhere-sw.js?name=my+app%2F1&endpoint=%2Fauth%2Fheartbeat&status=%2Fauth%2Fsession',
    scope: 'https://app.example/auth/stillhere-scope/my~20app~2F1/',
  });
});

it("leaves the URL of an application's own worker alone", () => {
  expect(workerPlace(resolveOptions({ worker: '/sw.js', scope: '/' }))).toEqual({
    script: 'https://app.example/sw.js',
    scope: 'https://app.example/',
  });
});
