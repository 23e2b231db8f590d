import type { Answer, RefreshRequest } from './core/events.js';
import type { ChannelMessage } from './protocol.js';

export interface ClockPort {
  now(): number;
}

export interface RandomPort {
  /** In [0, 1). */
  next(): number;
  /** An unguessable name. */
  id(): string;
}

/**
 * One durable cell. `update` is atomic across tabs and workers; `change` is synchronous and may run
 * more than once.
 */
export interface StorePort {
  update(change: (stored: unknown) => unknown): Promise<void>;
  /** Whether other tabs see what is stored. */
  readonly shared: boolean;
}

/**
 * A lock of the whole origin that dies with its holder. Rejects with the signal's reason when the
 * wait is given up.
 */
export interface LockPort {
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  readonly shared: boolean;
}

export interface RefreshPort {
  send(request: RefreshRequest, signal: AbortSignal): Promise<Answer>;
}

/** To all other contexts, and to the host's own page where there is one. */
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
