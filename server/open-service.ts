import { codeOf, errorFacts } from './observe/logger.js';
import { openStore } from './open-store.js';
import type { ResolvedCommon, ResolvedOidc } from './options/app-options.js';
import { PeerError } from './peers.js';
import type { Provider } from './provider/provider.js';
import { memoryRateLimiter } from './rates/rate-limit.js';
import type { KeyRing } from './record/key-ring.js';
import { createSessionService } from './session/create-session-service.js';
import type { SessionService } from './session/session-service.js';
import { StoreError } from './store/store.js';
import type { Verdict } from './verdict/verdict.js';

/** The `Retry-After` if the store cannot be opened, in seconds. */
const RETRY_AFTER = 10;

export interface OpenedService {
  service: SessionService;
  /** Resolves when the store is open, or its server was reached. Rejects if that fails. */
  ready: Promise<void>;
}

/**
 * Makes the session service over a store that opens in the background, so that an app can be
 * mounted without waiting. A request that comes meanwhile waits. If the store cannot be opened,
 * every request gets `store_unavailable`, and `ready` rejects.
 */
export function openService(
  resolved: ResolvedOidc,
  common: ResolvedCommon,
  parts: { provider: Provider; ring: KeyRing; waitUntil: ((work: Promise<unknown>) => void) | undefined },
): OpenedService {
  const { provider, ring, waitUntil } = parts;
  const { logger, meter, rateLimit } = common;
  const storing = openStore(resolved, common);
  const opening = storing.then(async ({ store, reached }) => {
    // A store that is still connecting would look like one that is away.
    await Promise.resolve(reached).catch(() => undefined);
    return createSessionService({
      issuer: () => provider.access(),
      store,
      meter,
      keys: ring,
      logger,
      idleTimeout: resolved.idleTimeout,
      absoluteTimeout: resolved.absoluteTimeout,
      logSubject: resolved.logSubject,
      refreshAfter: resolved.refreshAfter,
      refreshTokenIdle: resolved.refreshTokenIdle,
      rateLimiter: memoryRateLimiter({ perMinute: rateLimit }),
      ...(waitUntil ? { waitUntil } : {}),
    });
  });
  opening.catch((error: unknown) => {
    logger.error(
      { event: 'store.away', ...errorFacts(error) },
      error instanceof PeerError ? error.message : 'the session store cannot be opened',
    );
  });
  const unavailable: Extract<Verdict, { kind: 'later' }> = {
    kind: 'later',
    status: 503,
    reason: 'store_unavailable',
    retryAfter: RETRY_AFTER,
  };
  const opened = (): Promise<SessionService> =>
    opening.catch((cause: unknown) => {
      throw new StoreError(
        'The session store cannot be opened',
        cause instanceof StoreError ? cause.kind : codeOf(cause),
      );
    });
  const orLater = async <T>(ask: (service: SessionService) => Promise<T>): Promise<T | typeof unavailable> => {
    const service = await opening.catch(() => null);
    return service ? ask(service) : unavailable;
  };

  const ready = opening.then(async () => (await storing).reached);
  // The failure is logged above. A process that does not await `ready` must not end because of it.
  ready.catch(() => undefined);

  return {
    ready,
    service: {
      beat: (cookie, presence) => orLater((service) => service.beat(cookie, presence)),
      peek: (cookie) => orLater((service) => service.peek(cookie)),
      access: (cookie) => orLater((service) => service.access(cookie)),
      create: async (input) => (await opened()).create(input),
      end: async (cookie, reason, by) => (await opened()).end(cookie, reason, by),
      replace: async (cookie, user) => (await opened()).replace(cookie, user),
      leaveLogoutHint: async (idToken) => (await opened()).leaveLogoutHint(idToken),
      takeLogoutHint: async (reference) => (await opened()).takeLogoutHint(reference),
      endByProvider: async (input) => (await opened()).endByProvider(input),
      close: async () => {
        const service = await opening.catch(() => null);
        await service?.close();
      },
    },
  };
}
