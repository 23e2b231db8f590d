import type { Answer, RefreshRequest } from './core/events.js';
import type { ChannelMessage } from './protocol.js';

export interface ClockPort {
  now(): number;
}

export interface RandomPort {
  /** In [0, 1). */
  next(): number;
  /** Returns an id that cannot be guessed. */
  id(): string;
}

/**
 * One durable cell. `update` is atomic across tabs and workers. `change` is synchronous, and may
 * run more than once.
 */
export interface StorePort {
  update(change: (stored: unknown) => unknown): Promise<void>;
  /** Tells if other tabs see the stored value. */
  readonly shared: boolean;
}

/**
 * A lock of the whole origin, which the browser releases if its holder dies. `run` rejects with the
 * signal's reason if the signal ends the wait.
 */
export interface LockPort {
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  readonly shared: boolean;
}

export interface RefreshPort {
  send(request: RefreshRequest, signal: AbortSignal): Promise<Answer>;
}

/** Posts to all other contexts, and to the engine's own page if it runs in one. */
export interface ChannelPort {
  post(message: ChannelMessage): void;
}

export interface Ports {
  clock: ClockPort;
  random: RandomPort;
  store: StorePort;
  lock: LockPort;
  refresh: RefreshPort;
  channel: ChannelPort;
}
