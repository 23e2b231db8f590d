import type { Ask, EngineSnapshot, Outcome } from './protocol.js';

export interface Ending {
  outcome: Outcome;
  snapshot: EngineSnapshot;
}

/** A running engine: the same in the worker and in a page. */
export interface Engine {
  /**
   * `ack` settles at once with the state after the ask was noted; `done` when the request it
   * caused, if any, is answered. Neither rejects but for a broken store.
   */
  ask(ask: Ask): { ack: Promise<EngineSnapshot>; done: Promise<Ending> };
  /** Tells what is still untold: for the start of a worker. */
  wake(): Promise<unknown>;
}

/** Where an engine's requests go and what its things are named. */
export interface EngineAddress {
  /** Channel, store and lock are named `stillhere:<name>`. */
  name: string;
  endpoint: string;
  statusEndpoint: string | null;
}
