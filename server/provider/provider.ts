import {
  allowInsecureRequests,
  type CustomFetchOptions,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { isLoopback } from '../http/loopback.js';
import { boundedFetch } from './bounded-fetch.js';
import { createClientAuth } from './client-auth.js';
import type { ClientProof } from './client-proof.js';
import type { IssuerAccess } from './issuer-access.js';

/** How long the provider's metadata are used before they are requested again, in milliseconds. */
const DISCOVERY_LIFE = 3_600_000;
/**
 * How long the older copy is used after a failed renewal, in milliseconds, so that no request waits
 * for a provider that is away.
 */
const RENEWAL_PAUSE = 60_000;
const DISCOVERY_TIMEOUT = 8_000;

export interface OidcSettings {
  issuer: URL;
  clientId: string;
  proof: ClientProof;
  scope: string;
  /** Further parameters of the authorization request. */
  authParams: Readonly<Record<string, string>>;
}

export interface Provider {
  readonly settings: OidcSettings;
  /**
   * Returns the provider's metadata, discovered once an hour, and the application's registration.
   * Rejects if the provider was never reached.
   */
  access(): Promise<IssuerAccess>;
}

/**
 * The identity provider, as routes and sessions use it. It gets no request before the first login
 * or grant.
 */
export function createProvider(settings: OidcSettings): Provider {
  const { issuer, clientId, proof } = settings;
  const allowInsecure = issuer.protocol === 'http:' && isLoopback(issuer);
  let known: { until: number; access: IssuerAccess } | null = null;
  let asking: Promise<IssuerAccess> | null = null;

  async function discover(): Promise<IssuerAccess> {
    const options = {
      signal: AbortSignal.timeout(DISCOVERY_TIMEOUT),
      [allowInsecureRequests]: allowInsecure,
      [customFetch]: (url: string, { body: _none, ...init }: CustomFetchOptions<'GET', undefined>) =>
        boundedFetch(url, init),
    };
    const server = await processDiscoveryResponse(issuer, await discoveryRequest(issuer, options));
    const access = {
      server,
      client: { client_id: clientId },
      clientAuth: await createClientAuth(proof, server),
      allowInsecure,
    };
    known = { until: Date.now() + DISCOVERY_LIFE, access };
    return access;
  }

  return {
    settings,
    async access() {
      if (known && Date.now() < known.until) return known.access;
      asking ??= discover().finally(() => {
        asking = null;
      });
      try {
        return await asking;
      } catch (error) {
        if (!known) throw error;
        known.until = Date.now() + RENEWAL_PAUSE;
        return known.access;
      }
    },
  };
}
