import { randomBytes } from 'node:crypto';
import { allowInsecureRequests, ClientSecretBasic, discoveryRequest, processDiscoveryResponse } from 'oauth4webapi';
import type { TestProvider } from '../dev-provider/provider.js';
import type { IssuerAccess } from '../provider/issuer-access.js';
import { createKeyRing } from '../record/key-ring.js';
import { createSessionService } from '../session/create-session-service.js';
import type { SessionServiceOptions } from '../session/session-options.js';
import { memoryStore } from '../store/memory-store.js';
import { type LogRecorder, recordLog } from './log-recorder.js';

/** The provider as its first client sees it. */
export async function discoverTestIssuer(issuer: string): Promise<IssuerAccess> {
  const url = new URL(issuer);
  const response = await discoveryRequest(url, { [allowInsecureRequests]: true });
  const server = await processDiscoveryResponse(url, response);
  return { server, client: { client_id: 'app' }, clientAuth: ClientSecretBasic('secret'), allowInsecure: true };
}

/** A session service at a test provider, with a clock that can be set forward and fast replays. */
export function serviceAt(provider: TestProvider, more: Partial<SessionServiceOptions> = {}) {
  let ahead = 0;
  const log: LogRecorder = recordLog();
  const options: SessionServiceOptions = {
    issuer: () => discoverTestIssuer(provider.issuer),
    store: memoryStore(),
    keys: createKeyRing([randomBytes(32).toString('base64url')]),
    logger: log,
    now: () => Date.now() + ahead,
    timings: { replayPausesMs: [20, 40], renewMs: 500, pollMs: 10 },
    ...more,
  };
  const service = createSessionService(options);
  return {
    service,
    log,
    options,
    /** Sets the service's clock forward, in seconds. */
    pass(seconds: number) {
      ahead += seconds * 1000;
    },
    /** Signs a user in at the provider and opens a session. */
    async open(name?: string) {
      const signIn = await provider.signIn(name);
      const created = await service.create(signIn);
      if (!created.ok) throw new Error(`No session was created: ${created.reason}`);
      return { ...created, ...signIn };
    },
  };
}

export const HERE = { activity: 'user', idleMs: 0 } as const;
export const ASKING = { activity: 'none', idleMs: 0 } as const;
