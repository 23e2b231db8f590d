/** Where the engine of the small application runs, and the path that says so. */
export const HOSTS = [
  { host: 'worker', path: '/small/' },
  { host: 'page', path: '/small/?worker=off' },
] as const;
