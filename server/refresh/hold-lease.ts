import { logFailure } from '../observe/logger.js';
import type { Acquired, SessionFacts } from '../store/store.js';
import { isHolderDead } from './holder.js';
import type { RefreshContext } from './refresh-context.js';

export interface HeldLease {
  /** The session as it was when the lease was taken, before the intent was noted. */
  found: Pick<Acquired, 'record' | 'sealed'>;
  /**
   * Makes sure before a token is sent that this process still has the lease. A process that was
   * frozen, or whose machine slept, may have lost it.
   */
  confirm(): Promise<boolean>;
  /** Stores a grant (`SessionStore.commit`), which gives the lease back. */
  commit(generation: number, grant: { facts: SessionFacts; sealed: string }): Promise<boolean>;
  /** Gives the lease back, and the intent if no token was sent. Throws if the intent stays. */
  release(): Promise<void>;
}

/**
 * Takes the lease of a session and notes the intent to send its token. Then it keeps the lease
 * renewed. Returns `null` if another process has the lease. A dead process of this host has none.
 */
export async function holdLease(context: RefreshContext, key: string, generation: number): Promise<HeldLease | null> {
  const { store, holder, now, timings, logger } = context;
  const { leaseMs } = timings;
  let until = 0;
  const take = (instead?: string) => {
    const at = now();
    until = at + leaseMs;
    const input = { key, holder, leaseMs, intent: { generation, at } };
    return store.acquire(instead === undefined ? input : { ...input, instead });
  };
  let acquired = await take();
  const { owner } = acquired;
  if (owner !== holder && isHolderDead(owner)) {
    logger.warn(
      { event: 'lease.takeover', leaseHolder: owner },
      'the holder of a refresh lease is gone: its lease is taken over',
    );
    acquired = await take(owner);
  }
  if (acquired.owner !== holder) return null;

  const { record, sealed } = acquired;
  let isSent = false;
  let isGivenBack = false;
  let renewedAt = performance.now();
  const renew = async () => {
    const [startedAt, next] = [performance.now(), now() + leaseMs];
    const ours = await store.renew(key, holder, leaseMs);
    if (ours) [renewedAt, until] = [startedAt, next];
    return ours;
  };
  const timer = setInterval(() => {
    renew().catch((error) =>
      logFailure(logger, 'warn', error, 'a refresh lease could not be renewed', { event: 'lease.fail' }),
    );
  }, timings.renewMs);

  return {
    found: { record, sealed },
    async confirm() {
      // Both clocks are read: one may be set, and the other stands still while the machine is
      // asleep. Other processes use the first one.
      const stalled = performance.now() - renewedAt > leaseMs / 3 || now() > until - (leaseMs * 2) / 3;
      // A lost lease is not taken again here: the work of its next holder must be read first.
      const ours = !stalled || (await renew());
      if (ours) isSent = true;
      return ours;
    },
    async commit(atGeneration, grant) {
      const done = await store.commit(key, atGeneration, { ...grant, holder });
      isGivenBack ||= done;
      return done;
    },
    async release() {
      clearInterval(timer);
      if (isGivenBack) return;
      const unsent = isSent || !record ? undefined : { generation, notes: record.notes };
      try {
        await store.release(key, holder, unsent);
      } catch (error) {
        logFailure(logger, 'warn', error, 'a lease was not released', { event: 'lease.fail' });
        // Other processes wait for the rest of the lease. The outcome of the sent token counts
        // more.
        if (unsent) throw error;
      }
    },
  };
}
