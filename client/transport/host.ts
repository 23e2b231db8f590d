import type { Ask, ChannelMessage, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { Trouble } from '../tab-types.js';

/** The way to the engine. */
export interface Host {
  /** Calls `make` at the moment of sending, and sends its result. Always resolves. */
  ask(make: () => Ask, onSnapshot: (snapshot: EngineSnapshot) => void): Promise<Outcome>;
  forget(): Promise<void>;
}

export interface HostEvents {
  onHost(host: 'worker' | 'page'): void;
  onTrouble(trouble: Trouble, cause?: unknown): void;
  onMessage(message: ChannelMessage): void;
}
