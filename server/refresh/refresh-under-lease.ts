import { setTimeout as sleep } from 'node:timers/promises';
import { errorFacts } from '../observe/logger.js';
import { askTokenEndpoint } from '../provider/ask-token-endpoint.js';
import type { IssuerAccess } from '../provider/issuer-access.js';
import { openSession } from '../record/sealed-session.js';
import { isGrantDue } from '../record/timing.js';
import { type FlightNotes, type IntentMarker, type SessionRecord, withIntent } from '../store/store.js';
import { RETRY_SECONDS } from '../verdict/retry-after.js';
import type { HeldLease } from './hold-lease.js';
import { judgeBlankRefusal, judgeInvalidGrant } from './judge-refusal.js';
import { keepNotes, noteGivenUp } from './keep-notes.js';
import { leftAloneUntil } from './open-intent.js';
import { LISTEN_FACTOR, later, type Outcome, type RefreshContext } from './refresh-context.js';
import { storeGrant } from './store-grant.js';

/** A slot that can be given back during a pause. */
export interface SlotHandle {
  give(): void;
  retake(): Promise<void>;
  /**
   * Gives the slot back, and answers the requests that wait. The refresh goes on, and may take
   * minutes.
   */
  stalled(outcome: Outcome): void;
}

/** How many times `markerYoungMs` a judgement waits at most. Clocks may differ a little. */
const LONGEST_WAIT = 2;

/** Returns the result that a record already holds, or `null` if a grant is due. */
export function settledBy(
  context: Pick<RefreshContext, 'now' | 'gate' | 'refreshAfterMs' | 'timings'>,
  record: SessionRecord | null,
  generation: number,
): Outcome | null {
  if (!record) return { kind: 'over', reason: 'no_session' };
  if (record.ended !== null) return { kind: 'over', reason: record.ended };
  const now = context.now();
  if (record.generation !== generation) return { kind: 'fresh', granted: true, record };
  if (!isGrantDue(record.facts, now, context.refreshAfterMs)) return { kind: 'fresh', granted: false, record };
  const undecidedMs = (record.notes.undecidedUntil ?? 0) - now;
  // A wait that is longer than possible is from before the clock was set back.
  const canBe = undecidedMs <= LONGEST_WAIT * context.timings.markerYoungMs;
  if (undecidedMs > 0 && canBe) return later('busy', undecidedMs / 1000);
  const closedFor = context.gate.closedFor();
  return closedFor > 0 ? later('provider_error', closedFor) : null;
}

async function findIssuer(context: RefreshContext): Promise<IssuerAccess | null> {
  try {
    return await context.issuer();
  } catch (error) {
    context.logger.warn(
      { event: 'provider.away', ...errorFacts(error) },
      'the identity provider could not be discovered',
    );
    return null;
  }
}

async function pause(ms: number, closing: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: closing }).catch(() => undefined);
}

/**
 * Redeems the refresh token while this process has the lease. Returns `null` if another process has
 * got the lease or has moved the generation in the meantime.
 */
export async function refreshUnderLease(
  context: RefreshContext,
  key: string,
  generation: number,
  lease: HeldLease,
  slot: SlotHandle,
): Promise<Outcome | null> {
  const { store, keys, now, holder, gate, logger, timings } = context;
  let foreign: IntentMarker | null = null;
  for (let replay = 0; ; replay += 1) {
    const isReplay = replay > 0;
    const record = isReplay ? await store.read(key) : lease.found.record;
    const settled = settledBy(context, record, generation);
    if (settled || !record) {
      if (isReplay && record && settled?.kind === 'later') await noteGivenUp(context, record, settled);
      return settled;
    }
    const sealed = isReplay ? await store.readSealed(key) : lease.found.sealed;
    const session = sealed === null ? null : await openSession(keys, key, sealed);
    const { sessionId } = record.facts;
    if (!session) {
      logger.error(
        { event: 'session.unreadable', sessionId },
        'the tokens of a session cannot be opened: is a key of SESSION_KEYS missing?',
      );
      return { kind: 'over', reason: 'unreadable_cookie', final: false };
    }
    // The record's copy of the limit is not sealed. Anyone with write access to the store could
    // move it, but not the sealed one.
    if (now() >= session.absoluteEndAt) {
      await store.end(key, 'absolute_timeout');
      return { kind: 'over', reason: 'absolute_timeout' };
    }
    const { refreshToken } = session.tokens;
    if (refreshToken === null) return { kind: 'fresh', granted: false, record };
    const { marker } = record.notes;
    const prior = marker?.generation === generation ? marker : null;
    if (!isReplay) {
      const until = leftAloneUntil(context, record.notes, prior);
      if (until !== null) return later('busy', (until - now()) / 1_000);
    }
    const issuer = await findIssuer(context);
    if (!issuer) {
      const failure = later('provider_unreachable');
      if (isReplay) await noteGivenUp(context, record, failure);
      return failure;
    }
    if (!(await lease.confirm())) return null;

    // A replay's own marker must not hide the marker of another holder, which may still store a
    // grant.
    if (prior && prior.holder !== holder) foreign = prior;
    const askedAt = now();
    const notes = withIntent(record.notes, { generation, holder, at: askedAt });
    const { attempt } = notes;
    // The first intent was noted with the lease.
    if (isReplay && !(await store.note(key, generation, notes))) return null;
    const keep = (more: Partial<FlightNotes>) =>
      keepNotes(context, key, generation, { ...notes, refusals: null, ...more });

    const sentAt = performance.now();
    // No replay is sent while this request may still be answered. For a provider that rotates
    // strictly, a second use of a token means theft.
    const answer = await askTokenEndpoint(issuer, refreshToken, {
      waitMs: context.tokenTimeoutMs,
      listenMs: LISTEN_FACTOR * context.tokenTimeoutMs,
      stalled: () => slot.stalled(later('provider_timeout')),
      closing: context.closing,
    });
    context.meter.asked(answer.kind, (performance.now() - sentAt) / 1_000);
    if (answer.kind === 'granted' || answer.kind === 'invalid_grant' || answer.kind === 'interaction')
      gate.answered(key);
    switch (answer.kind) {
      case 'granted':
        return storeGrant(context, { lease, slot, issuer }, record, session, answer.json, askedAt);
      case 'invalid_grant':
        return judgeInvalidGrant(context, record, foreign ?? prior, keep);
      case 'interaction':
        await store.end(key, 'interaction_required');
        return { kind: 'over', reason: 'interaction_required' };
      case 'blank_refusal':
        return judgeBlankRefusal(context, record, prior, answer.detail, keep);
      case 'kept': {
        const { reason, detail, closeFor } = answer;
        const facts = { sessionId, reason, detail };
        if (reason === 'provider_misconfigured')
          logger.error({ event: 'provider.refuse', ...facts }, 'the identity provider refused this application');
        else logger.warn({ event: 'refresh.fail', ...facts }, 'a refresh failed, the session is kept');
        if (closeFor !== undefined) gate.close(closeFor);
        const retryAfter = closeFor ?? RETRY_SECONDS[reason];
        await keep({ marker: prior, failure: { attempt, reason, retryAfter } });
        return later(reason, retryAfter);
      }
      case 'ambiguous': {
        const { reason, detail } = answer;
        logger.warn(
          { event: 'refresh.ambiguous', sessionId, reason, detail, replay },
          'a refresh ended ambiguously, the old token is kept',
        );
        const pauseMs = timings.replayPausesMs[replay];
        if (pauseMs !== undefined && !context.closing.aborted) {
          slot.give();
          await pause(pauseMs, context.closing);
        }
        if (pauseMs === undefined || context.closing.aborted) {
          await keep({ failure: { attempt, reason, retryAfter: RETRY_SECONDS[reason] } });
          return later(reason);
        }
        await slot.retake();
      }
    }
  }
}
