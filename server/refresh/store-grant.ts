import { errorFacts } from '../observe/logger.js';
import { grantedTokens, judgeIdToken } from '../provider/granted-tokens.js';
import type { IssuerAccess } from '../provider/issuer-access.js';
import { grantedFacts } from '../record/grant-facts.js';
import { type SealedSession, sealSession } from '../record/sealed-session.js';
import type { SessionRecord } from '../store/store.js';
import { askWhileAway } from './ask-while-away.js';
import type { HeldLease } from './hold-lease.js';
import { later, type Outcome, type RefreshContext } from './refresh-context.js';
import { revokeBeside } from './revoke-in-background.js';

/** The resources that a running grant holds. */
export interface GrantHold {
  lease: Pick<HeldLease, 'commit'>;
  slot: { stalled(outcome: Outcome): void };
  issuer: IssuerAccess;
}

/**
 * Stores the tokens of a grant durably, before any request is answered. If the session has changed
 * in the meantime, that change counts more than the grant. Lifetimes count from `askedAt`, because
 * the provider counts from before its answer arrives.
 */
export async function storeGrant(
  context: RefreshContext,
  { lease, slot, issuer }: GrantHold,
  record: SessionRecord,
  session: SealedSession,
  json: Record<string, unknown>,
  askedAt: number,
): Promise<Outcome> {
  const { store, keys, logger, refreshTokenIdleMs } = context;
  const { key, generation } = record;
  const tokens = grantedTokens(session.tokens, json);
  const { sessionId } = record.facts;

  const verdict = judgeIdToken(json.id_token, session, issuer);
  if (verdict === 'other') {
    logger.error(
      { event: 'refresh.odd', sessionId },
      'the identity provider answered a refresh with an ID token of another session',
    );
    await store.end(key, 'subject_mismatch');
    revokeBeside(context, tokens.refreshToken);
    return { kind: 'over', reason: 'subject_mismatch' };
  }
  if (verdict !== 'same')
    logger.warn({ event: 'refresh.odd', sessionId, idToken: verdict }, 'a refreshed ID token was ignored');
  if (typeof json.access_token !== 'string')
    logger.warn({ event: 'refresh.odd', sessionId }, 'a grant brought no access token');

  const kept = verdict === 'same' ? tokens : { ...tokens, idToken: session.tokens.idToken };
  const facts = grantedFacts(record.facts, kept, { now: askedAt, refreshTokenIdleMs });
  try {
    const sealed = await sealSession(keys, key, { ...session, tokens: kept });
    let waited = false;
    const waits = (error: unknown) => {
      waited = true;
      logger.warn({ event: 'refresh.unsaved', ...errorFacts(error), sessionId }, 'a grant waits for the session store');
      slot.stalled(later('store_unavailable'));
    };
    // The tokens exist nowhere but in this process until they are stored.
    if (await askWhileAway(context, () => lease.commit(generation, { facts, sealed }), waits)) {
      if (waited)
        logger.info({ event: 'refresh.saved', sessionId }, 'a grant that waited for the session store is stored');
      return { kind: 'fresh', granted: true, record: { ...record, generation: generation + 1, facts } };
    }
    const current = await store.read(key);
    if (current && current.ended === null) return { kind: 'fresh', granted: true, record: current };
    const reason = current?.ended ?? 'revoked';
    // If another login has replaced this session, nothing is revoked: the two may share a grant.
    // After a logout the new token is revoked, because the logout revoked only the old one.
    if (reason !== 'revoked' || current?.revokes) revokeBeside(context, tokens.refreshToken);
    return { kind: 'over', reason };
  } catch (error) {
    logger.error({ event: 'refresh.unsaved', ...errorFacts(error), sessionId }, 'a grant could not be stored');
    return later('store_unavailable');
  }
}
