import type { FlightNotes, IntentMarker } from '../store/store.js';
import { stateOfHolder } from './holder.js';
import { LISTEN_FACTOR, type RefreshContext } from './refresh-context.js';

/** How far apart the clocks of processes may be that share a store, in milliseconds. */
const CLOCKS_APART_MS = 5_000;
/**
 * How soon the next one asks again for a session that another process may still store a grant of.
 */
const ASK_AGAIN_MS = 2_000;

/**
 * Returns until when a refresh token must not be sent, because the process that sent it last may
 * still store the new tokens. `null` if it may be sent. That process has lost its lease, for
 * example because the store was away. To send the token now would be a second use, and a provider
 * that detects reuse would end the session.
 */
export function leftAloneUntil(context: RefreshContext, notes: FlightNotes, prior: IntentMarker | null): number | null {
  const { now, holder, idle, timings, tokenTimeoutMs } = context;
  // An attempt that failed is over.
  if (!prior || prior.holder === holder || (notes.failure?.attempt ?? 0) >= prior.attempt) return null;
  const state = stateOfHolder(prior.holder);
  if (state === 'dead') return null;
  const at = now();
  // The attempt is from before the clock was set back, and nothing tells by how much.
  if (prior.at > at + CLOCKS_APART_MS) return null;
  const patienceMs = LISTEN_FACTOR * tokenTimeoutMs + timings.storeForMs;
  if (state === 'runs') return at < prior.at + patienceMs ? at + ASK_AGAIN_MS : null;
  // After an outage of the store that this process has seen, a process of another host gets more
  // time.
  const backAt = Math.max(0, ...idle.outages(prior.at, at).map(({ to }) => to));
  return at < Math.min(backAt + timings.markerYoungMs, prior.at + patienceMs) ? at + ASK_AGAIN_MS : null;
}
