import { isHolderDead } from './holder.js';
import { errorFacts } from './logger.js';
import type { RefreshContext } from './refresh-context.js';

export interface HeldLease {
  /** Makes sure that the lease is still ours before something is sent: a process that was frozen may have lost it. */
  confirm(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes the lease of a session and keeps it renewed, or resolves to `null` where another has it. A dead holder of this host has none. */
export async function holdLease(context: RefreshContext, key: string): Promise<HeldLease | null> {
  const { store, holder, now, timings, logger } = context;
  const take = (instead?: string) => {
    const at = now();
    const input = { key, holder, now: at, until: at + timings.leaseMs };
    return store.acquire(instead === undefined ? input : { ...input, instead });
  };
  let owner = await take();
  if (owner !== holder && isHolderDead(owner)) {
    logger.warn({ leaseHolder: owner }, 'the holder of a refresh lease is gone: its lease is taken over');
    owner = await take(owner);
  }
  if (owner !== holder) return null;

  let renewedAt = performance.now();
  const renew = async () => {
    const startedAt = performance.now();
    const ours = await store.renew(key, holder, now() + timings.leaseMs);
    if (ours) renewedAt = startedAt;
    return ours;
  };
  const timer = setInterval(() => {
    renew().catch((error) => logger.warn(errorFacts(error), 'a refresh lease could not be renewed'));
  }, timings.renewMs);

  return {
    async confirm() {
      if (performance.now() - renewedAt <= timings.leaseMs / 3) return true;
      return (await renew()) || (await take()) === holder;
    },
    async release() {
      clearInterval(timer);
      // A release that fails costs others the rest of the lease, and must not turn a stored grant into a failure.
      await store.release(key, holder).catch((error) => logger.warn(errorFacts(error), 'a lease was not released'));
    },
  };
}
