import { afterEach, expect, it, vi } from 'vitest';
import { allowsConnect, diagnoseNetwork, diagnoseWorker } from './diagnose.js';

afterEach(() => {
  vi.unstubAllGlobals();
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

it.each([
  ["default-src 'self'", true],
  ["default-src 'none'; connect-src 'self'", true],
  ["default-src 'self'; connect-src 'none'", false],
  ["default-src 'none'", false],
  ["script-src 'self'", true],
  ['connect-src', false],
])('reads in %s whether a worker may ask its server: %s', (policy, allowed) => {
  expect(allowsConnect(policy)).toBe(allowed);
});

it("finds the policy that blocks the worker's requests, and nothing where there is none", async () => {
  const served = (headers: Record<string, string>) => vi.stubGlobal('fetch', async () => new Response('', { headers }));
  served({});
  expect(await diagnoseNetwork(script)).toBeNull();
  served({ 'Content-Security-Policy': "default-src 'self', connect-src 'self'" });
  expect(await diagnoseNetwork(script)).toBeNull();
  served({ 'Content-Security-Policy': "default-src 'self', connect-src 'none'" });
  expect(await diagnoseNetwork(script)).toBe('endpoint-blocked');
});
