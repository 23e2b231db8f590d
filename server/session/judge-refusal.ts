import { isHolderDead } from './holder.js';
import type { IssuerAccess } from './issuer-access.js';
import { requestOptions } from './issuer-access.js';
import { later, type Outcome, RETRY_SECONDS, type RefreshContext } from './refresh-context.js';
import type { FlightNotes, IntentMarker, SessionRecord } from './store.js';

const REFUSALS = 3;
const REFUSALS_FOR_MS = 60_000;

/**
 * What an `invalid_grant` means. `prior` is the marker that an earlier attempt of this generation left, ours or another's: it ended
 * ambiguously, its holder may have redeemed the token and may yet store what it got.
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

  const decideAt = prior === null ? 0 : prior.at + timings.markerYoungMs;
  if (prior && prior.holder !== holder && now() < decideAt && !isHolderDead(prior.holder)) {
    await keep({ marker: prior, undecidedUntil: decideAt });
    return later('busy', Math.max(RETRY_SECONDS.busy, (decideAt - now()) / 1000));
  }
  const reason = prior !== null ? 'rotation_lost' : 'refresh_rejected';
  await store.end(record.key, reason);
  return { kind: 'over', reason };
}

/** Whether the provider works for others: an answer to another session, or at least its own metadata. */
async function providerAnswers(context: RefreshContext, issuer: IssuerAccess, since: number): Promise<boolean> {
  if (context.gate.lastAnswerAt() >= since) return true;
  try {
    const url = `${issuer.server.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(url, { signal: requestOptions(issuer, 5_000).signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * What a refusal without an OAuth error means: nothing for certain (a proxy may have answered), unless it comes again and again over a
 * minute while the provider otherwise answers.
 */
export async function judgeBlankRefusal(
  context: RefreshContext,
  issuer: IssuerAccess,
  record: SessionRecord,
  prior: IntentMarker | null,
  keep: (notes: Partial<FlightNotes>) => Promise<unknown>,
): Promise<Outcome> {
  const before = record.notes.refusals;
  const refusals = { count: (before?.count ?? 0) + 1, since: before?.since ?? context.now() };
  const often = refusals.count >= REFUSALS && context.now() - refusals.since >= REFUSALS_FOR_MS;
  if (often && (await providerAnswers(context, issuer, refusals.since))) {
    const ended = await context.store.end(record.key, 'refresh_rejected');
    if (ended) return { kind: 'over', reason: 'refresh_rejected' };
  }
  const failure = { attempt: record.notes.attempt + 1, reason: 'provider_error', retryAfter: 30 } as const;
  await keep({ marker: prior, refusals, failure });
  return later('provider_error', failure.retryAfter);
}
