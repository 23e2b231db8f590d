import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveOptions } from '../options.js';
import type { Trouble } from '../tab-types.js';
import type { KeepaliveError } from '../types.js';
import { report } from './trouble.js';

beforeEach(() => {
  vi.stubGlobal('location', new URL('https://app.example/'));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/**
 * Reports some problems, one after the other. Returns the codes that the application was told, and
 * how often the worker's script was fetched.
 */
async function told(troubles: Trouble[], policy = '') {
  let fetched = 0;
  vi.stubGlobal('fetch', async () => {
    fetched += 1;
    return new Response('', { headers: { 'Content-Security-Policy': policy } });
  });
  const codes: string[] = [];
  const reported = new Set<string>();
  for (const trouble of troubles) {
    // As a page does: what was looked into is not looked into again.
    if (!reported.has(trouble))
      await report(trouble, 'why', resolveOptions(), reported, (name, value) => {
        if (name === 'onError') codes.push((value as KeepaliveError).code);
      });
  }
  return { codes, fetched };
}

it('tells of each code once', async () => {
  expect((await told(['endpoint-404', 'storage', 'endpoint-404'])).codes).toEqual(['endpoint-404', 'storage']);
});

it.each<[Trouble, string]>([
  ['build', 'worker-build'],
  ['protocol', 'protocol'],
])(
  'brings the new worker where the one that answers is of another version (%s), and tells %s only where there is none',
  async (trouble, code) => {
    const told = async (onUpdate: object) => {
      const active = { state: 'activated' };
      const registration = {
        active,
        installing: null,
        waiting: null,
        update: async () => void Object.assign(registration, onUpdate),
      };
      const codes: string[] = [];
      await report(trouble, registration, resolveOptions(), new Set(), (name, value) => {
        if (name === 'onError') codes.push((value as KeepaliveError).code);
      });
      return codes;
    };
    expect(await told({})).toEqual([code]);
    expect(await told({ installing: {} })).toEqual([]);
    expect(await told({ waiting: {} })).toEqual([]);
    expect(await told({ active: {} })).toEqual([]);
  },
);

it('tells that nobody is understood where a newer worker cannot be looked for', async () => {
  expect((await told(['protocol', 'build'])).codes).toEqual(['protocol']);
});

it('looks once into requests that fail though the browser is online, and tells what it finds', async () => {
  expect(await told(['network', 'network'])).toEqual({ codes: [], fetched: 1 });
  expect(await told(['network', 'network'], "connect-src 'none'")).toEqual({ codes: ['endpoint-blocked'], fetched: 1 });
});

it('says what kind of failure it is, and keeps the cause', async () => {
  const told: unknown[] = [];
  await report('worker-silent', 'why', resolveOptions(), new Set(), (...call) => told.push(call));
  expect(told).toMatchObject([
    ['onEvent', { type: 'error', code: 'worker-silent', message: 'stillhere: worker-silent' }],
    ['onError', { code: 'worker-silent', phase: 'register', retryable: true, cause: 'why' }],
  ]);
});

it('explains on a loopback host, naming the option and the fix', async () => {
  vi.stubGlobal('location', new URL('http://localhost:3000/'));
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await told(['endpoint-404', 'endpoint-418']);
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    expect.stringMatching(/option endpoint: \/auth\/heartbeat answers 404\. Mount/),
    expect.stringMatching(/option endpoint: \/auth\/heartbeat refuses the request/),
  ]);
});
