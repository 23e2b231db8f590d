/**
 * Where the engine of the small application runs, and the path that says so. `once`: what is the
 * same in every browser runs in one.
 */
export const HOSTS = [
  { host: 'worker', path: '/small/', once: '' },
  { host: 'page', path: '/small/?worker=off', once: ' @chromium-only' },
] as const;
