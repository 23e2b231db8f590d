/**
 * The folders of the sources, from the bottom to the top of each ladder. A file imports from its
 * own folder and from what stands before it here, and from nothing above. A name that ends in `.ts`
 * is a single file.
 */
export const LADDERS = {
  server: [
    'server/contract.ts',
    'server/observe',
    'server/http',
    'server/verdict',
    'server/rates',
    'server/heartbeat',
    'server/node',
    'server/hono',
    'server/store',
    'server/store/sqlite',
    'server/store/redis',
    'server/record',
    'server/outages',
    'server/provider',
    'server/refresh',
    'server/session',
    'server/options',
    'server/routes',
    'server',
    'server/serve',
  ],
  sw: [
    'server/contract.ts',
    'sw/protocol.ts',
    'sw/core',
    'sw/ports.ts',
    'sw/names.ts',
    'sw/engine-types.ts',
    'sw/adapters',
    'sw',
  ],
  client: [
    'server/contract.ts',
    'sw/protocol.ts',
    'sw/core',
    'sw/ports.ts',
    'sw/names.ts',
    'sw/engine-types.ts',
    'sw/adapters',
    'sw',
    'client/types.ts',
    'client/tab-types.ts',
    'client/activity',
    'client/options.ts',
    'client/transport',
    'client/state',
    'client/lazy',
    'client/ping',
    'client',
  ],
};

/**
 * These rooms use web standards alone: no package, and no module of Node. The beat of an
 * application's own sessions runs anywhere.
 */
export const WEB_STANDARD_ROOMS = [
  'server/contract.ts',
  'server/observe',
  'server/http',
  'server/verdict',
  'server/rates',
  'server/heartbeat',
];

/** The packages that a browser's file may import. */
export const BROWSER_PACKAGES = { client: ['idb-keyval', 'workbox-window'], sw: ['idb-keyval', 'workbox-core'] };
