import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveOptions } from './options.js';
import type { KeepaliveOptions } from './types.js';

describe('the options', () => {
  beforeEach(() => {
    vi.stubGlobal('location', new URL('https://app.example/forms/7?x=1'));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('default to the routes that the server mounts at /auth', () => {
    expect(resolveOptions()).toMatchObject({
      endpoint: '/auth/heartbeat',
      statusEndpoint: '/auth/session',
      loginUrl: '/auth/login',
      worker: '/auth/stillhere-sw.js',
      name: '/auth/heartbeat',
      cookie: 'stillhere-session',
      activityResolution: 5_000,
      settings: {
        interval: 300_000,
        activeWindow: 120_000,
        minInterval: 5_000,
        requestTimeout: 15_000,
        warnBefore: 60_000,
      },
    });
  });

  it('guess no other route beside an endpoint of another name', () => {
    expect(resolveOptions({ endpoint: '/api/beat' })).toMatchObject({
      statusEndpoint: null,
      loginUrl: null,
      worker: '/api/stillhere-sw.js',
    });
  });

  it.each<[KeepaliveOptions, RegExp]>([
    [{ endpoint: 'https://evil.example/beat' }, /endpoint takes a path or URL of this origin/],
    [{ endpoint: '' }, /endpoint takes/],
    [{ statusEndpoint: 'https://evil.example/' }, /statusEndpoint takes a path or URL of this origin, or null/],
    [{ worker: 'https://cdn.example/sw.js' }, /worker takes a path or URL of this origin, or false/],
    [{ loginUrl: 'javascript:alert(1)' }, /loginUrl takes/],
    [{ interval: 0 }, /interval takes milliseconds above 0/],
    [{ activeWindow: Number.NaN }, /activeWindow takes/],
    [{ warnBefore: -1 }, /warnBefore takes milliseconds, 0 or more/],
    [{ minInterval: Infinity }, /minInterval takes/],
    [{ name: '' }, /name takes/],
  ])('refuse %o', (options, message) => {
    expect(() => resolveOptions(options)).toThrow(TypeError);
    expect(() => resolveOptions(options)).toThrow(message);
  });

  it('refuse values of another type and names that do not exist', () => {
    const given = (options: object) => () => resolveOptions(options as KeepaliveOptions);
    expect(given({ onExpired: true })).toThrow('createKeepalive: onExpired takes a function');
    expect(given({ activityEvents: 'keydown' })).toThrow('activityEvents takes an array of event types');
    expect(given({ worker: null })).toThrow('worker takes');
    expect(given({ heartbeatUrl: '/x' })).toThrow('createKeepalive: there is no option heartbeatUrl');
  });

  it('take an option that is undefined for one that is not given', () => {
    const given: object = { interval: undefined };
    expect(resolveOptions(given as KeepaliveOptions).settings.interval).toBe(300_000);
  });
});
