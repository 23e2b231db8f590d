import type { FlightNotes, IntentMarker, SessionRecord } from '../store/store.js';
import { RETRY_SECONDS } from '../verdict/retry-after.js';
import { isHolderDead } from './holder.js';
import { later, type Outcome, type RefreshContext } from './refresh-context.js';

const REFUSALS = 3;
const REFUSALS_FOR_MS = 60_000;
/**
 * With the jitter here and in the client, three refusals take at most 90 s: a session that really
 * ended is over within two minutes.
 */
const BLANK_RETRY_SECONDS = 25;

/**
 * Judges an `invalid_grant`. `prior` is the marker of an earlier attempt of this generation, by
 * this process or another. That attempt ended ambiguously: its holder may have redeemed the token,
 * and may still store the new ones.
 */
export async function judgeInvalidGrant(
  context: RefreshContext,
  record: SessionRecord,
  prior: IntentMarker | null,
  keep: (notes: Partial<FlightNotes>) => Promise<unknown>,
): Promise<Outcome> {
  const { store, now, holder, timings } = context;
  const current = await store.read(record.key);
  if (!current) return { kind: 'over', reason: 'no_session' };
  if (current.ended !== null) return { kind: 'over', reason: current.ended };
  if (current.generation !== record.generation) return { kind: 'fresh', granted: true, record: current };

  const at = now();
  // A marker in the future is from before the clock was set back. Its time counts from now on.
  const marker = prior && { ...prior, at: Math.min(prior.at, at) };
  const decideAt = marker === null ? 0 : marker.at + timings.markerYoungMs;
  if (marker && marker.holder !== holder && at < decideAt && !isHolderDead(marker.holder)) {
    await keep({ marker, undecidedUntil: decideAt });
    return later('busy', Math.max(RETRY_SECONDS.busy, (decideAt - at) / 1000));
  }
  const reason = prior !== null ? 'rotation_lost' : 'refresh_rejected';
  await store.end(record.key, reason);
  return { kind: 'over', reason };
}

/**
 * Judges a refusal without an OAuth error. A proxy, a firewall or a gateway in the provider's place
 * gives that answer to every session, and then it says nothing of the token. Some providers give it
 * for a spent token. Other sessions show the difference: several such refusals end the session if,
 * between each two of them, another session got an answer as OAuth defines it. Metadata that can be
 * read prove nothing.
 */
export async function judgeBlankRefusal(
  context: RefreshContext,
  record: SessionRecord,
  prior: IntentMarker | null,
  detail: string,
  keep: (notes: Partial<FlightNotes>) => Promise<unknown>,
): Promise<Outcome> {
  const { now, gate, logger } = context;
  const { key, facts, notes } = record;
  const before = notes.refusals;
  if (!before) {
    logger.warn(
      { event: 'refresh.fail', sessionId: facts.sessionId, detail },
      'the provider refused a refresh without an OAuth error, the session is kept',
    );
  }
  const at = now();
  const othersAreAnswered = before !== null && gate.answeredOtherAt(key) > (before.last ?? before.since);
  const refusals = othersAreAnswered
    ? { count: before.count + 1, since: before.since, last: at }
    : { count: 1, since: at, last: at };
  if (refusals.count >= REFUSALS && at - refusals.since >= REFUSALS_FOR_MS) {
    const ended = await context.store.end(key, 'refresh_rejected');
    if (ended) return { kind: 'over', reason: 'refresh_rejected' };
  }
  const failure = { attempt: notes.attempt + 1, reason: 'provider_error', retryAfter: BLANK_RETRY_SECONDS } as const;
  await keep({ marker: prior, refusals, failure });
  return later('provider_error', failure.retryAfter);
}
