import type { Ask, ChannelMessage, EngineSnapshot, ErrorCode, Outcome } from '../../sw/protocol.js';

/** Where an engine runs. Each is a chunk of its own: a page loads the one that it uses. */
export interface Host {
  /**
   * Sends what `make` makes at the moment of sending. Settles always; rejects with `worker-...` or `protocol` where the page should run the
   * engine itself.
   */
  ask(make: () => Ask, onSnapshot: (snapshot: EngineSnapshot) => void): Promise<Outcome>;
  forget?(): Promise<unknown>;
}

export interface HostEvents {
  onHost(host: 'worker' | 'page', why: string): void;
  onError(code: ErrorCode, cause?: unknown): void;
  onMessage(message: ChannelMessage): void;
}
