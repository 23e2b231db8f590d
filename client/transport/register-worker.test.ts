import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveOptions } from '../options.js';
import { diagnoseWorker } from './diagnose-worker.js';
import { workerPlace } from './register-worker.js';

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
    scope: '/auth/stillhere-scope/my~20app~2F1/',
  });
});

it("leaves the URL of an application's own worker alone", () => {
  expect(workerPlace(resolveOptions({ worker: '/sw.js', scope: '/' }))).toEqual({
    script: 'https://app.example/sw.js',
    scope: '/',
  });
});

const script = 'https://app.example/auth/stillhere-sw.js';
const javascript = { 'Content-Type': 'text/javascript; charset=utf-8' };

it.each([
  ['worker-missing', () => new Response('', { status: 404 }), '/auth/x/'],
  ['worker-html', () => new Response('<p>', { headers: { 'Content-Type': 'text/html' } }), '/auth/x/'],
  ['worker-scope', () => new Response('', { headers: javascript }), '/'],
  ['worker-blocked', () => new Response('', { headers: javascript }), '/auth/x/'],
  ['worker-blocked', () => new Response('', { headers: { ...javascript, 'Service-Worker-Allowed': '/' } }), '/'],
  [null, () => Promise.reject(new TypeError('offline')), '/'],
])('tells %s from the script and the scope', async (code, answer, scope) => {
  vi.stubGlobal('fetch', async () => answer());
  expect(await diagnoseWorker(script, scope)).toBe(code);
});
