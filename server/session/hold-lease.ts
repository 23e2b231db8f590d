import { isHolderDead } from './holder.js';
import { logFailure } from './logger.js';
import type { RefreshContext } from './refresh-context.js';

export interface HeldLease {
  /** Makes sure that the lease is still ours before something is sent: a process that was frozen, or a machine that slept, may have lost it. */
  confirm(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes the lease of a session and keeps it renewed, or resolves to `null` where another has it. A dead holder of this host has none. */
export async function holdLease(context: RefreshContext, key: string): Promise<HeldLease | null> {
  const { store, holder, now, timings, logger } = context;
  let until = 0;
  const take = (instead?: string) => {
    const at = now();
    until = at + timings.leaseMs;
    const input = { key, holder, now: at, until };
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
    const next = now() + timings.leaseMs;
    const ours = await store.renew(key, holder, next);
    if (ours) [renewedAt, until] = [startedAt, next];
    return ours;
  };
  const timer = setInterval(() => {
    renew().catch((error) => logFailure(logger, 'warn', error, 'a refresh lease could not be renewed'));
  }, timings.renewMs);

  return {
    async confirm() {
      // Two clocks: one may be set, and the other stands still while the machine is asleep. Others go by the first.
      const stalled = performance.now() - renewedAt > timings.leaseMs / 3 || now() > until - (timings.leaseMs * 2) / 3;
      if (!stalled) return true;
      return (await renew()) || (await take()) === holder;
    },
    async release() {
      clearInterval(timer);
      // A release that fails costs others the rest of the lease, and must not turn a stored grant into a failure.
      await store.release(key, holder).catch((error) => logFailure(logger, 'warn', error, 'a lease was not released'));
    },
  };
}
