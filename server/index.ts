import { peerError } from './peers.js';

export type * from './impl.js';

const implementation = await import('./impl.js').catch((error: unknown) => {
  throw peerError(error);
});

export const { createHeartbeat, createKeepaliveApp, handleHeartbeat, requireSession, userMeta } = implementation;
