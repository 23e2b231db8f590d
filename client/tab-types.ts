import type { AskKind, Outcome } from '../sw/protocol.js';
import type { KeepaliveError, KeepaliveEvent, KeepaliveSnapshot } from './types.js';

/** One instance's ear. */
export interface TabListener {
  /** `hadSession`: the page had reason to believe in a session when it started; `null` until the first answer is complete. */
  onChange(snapshot: KeepaliveSnapshot, hadSession: boolean | null): void;
  onConceal(concealed: boolean): void;
  onError(error: KeepaliveError): void;
  /** Only where the application listens. */
  onEvent: ((event: KeepaliveEvent) => void) | undefined;
}

export interface Tab {
  ask(kind: AskKind): Promise<Outcome>;
  touch(): void;
  observe(target: EventTarget): () => void;
  /** Asks again if somebody else may be signed in. */
  look(): void;
  add(listener: TabListener): () => void;
  stop(forget: boolean): Promise<void>;
}
