import type { FlightNotes, IntentMarker } from '../store/store.js';
import { stateOfHolder } from './holder.js';
import { LISTEN_FACTOR, type RefreshContext } from './refresh-context.js';

/** The clocks of processes that share a store may be that far apart. */
const CLOCKS_APART_MS = 5_000;
/**
 * How soon the next one asks again for a session that another process may still store a grant of.
 */
const ASK_AGAIN_MS = 2_000;

/**
 * Until when a refresh token must not be sent because the process that sent it last may still store
 * what it got; `null` if it may be sent. That process has lost its lease, as one does while the
 * store is away. To send the token now would be the second use of a spent one, and a provider that
 * watches for that ends the session for both.
 */
export function leftAloneUntil(context: RefreshContext, notes: FlightNotes, prior: IntentMarker | null): number | null {
  const { now, holder, idle, timings, tokenTimeoutMs } = context;
  // An attempt that failed is over.
  if (!prior || prior.holder === holder || (notes.failure?.attempt ?? 0) >= prior.attempt) return null;
  const state = stateOfHolder(prior.holder);
  if (state === 'dead') return null;
  const at = now();
  // From before the clock was set back, and nothing tells by how much.
  if (prior.at > at + CLOCKS_APART_MS) return null;
  const patienceMs = LISTEN_FACTOR * tokenTimeoutMs + timings.storeForMs;
  if (state === 'runs') return at < prior.at + patienceMs ? at + ASK_AGAIN_MS : null;
  // A process of another host is given time again after an outage of the store that this process
  // has seen.
  const backAt = Math.max(0, ...idle.outages(prior.at, at).map(({ to }) => to));
  return at < Math.min(backAt + timings.markerYoungMs, prior.at + patienceMs) ? at + ASK_AGAIN_MS : null;
}
