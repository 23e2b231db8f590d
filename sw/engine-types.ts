import type { Ask, EngineSnapshot, Outcome } from './protocol.js';

export interface Ending {
  outcome: Outcome;
  snapshot: EngineSnapshot;
}

/** A running engine. It is the same in the worker and in a page. */
export interface Engine {
  /**
   * Takes a page's ask. `ack` settles at once, with the state after the ask was noted. `done`
   * settles after the answer to the request that the ask caused, if any. They reject only if the
   * store is broken.
   */
  ask(ask: Ask): { ack: Promise<EngineSnapshot>; done: Promise<Ending> };
  /** Sends the news that were not sent yet. Called when a worker starts. */
  wake(): Promise<unknown>;
}

/** The endpoints of an engine, and the name of its store, lock and channel. */
export interface EngineAddress {
  /** The channel, the store and the lock are named `stillhere:<name>`. */
  name: string;
  endpoint: string;
  statusEndpoint: string | null;
}
