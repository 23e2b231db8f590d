import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  discoveryRequest,
  None,
  processDiscoveryResponse,
  revocationRequest,
} from 'oauth4webapi';
import { isLoopback } from './loopback.js';

/** How long a discovery holds before it is asked for anew, in milliseconds. */
const DISCOVERY_LIFE = 3_600_000;
/** Time-out of discovery and revocation, in milliseconds. */
const REQUEST_TIMEOUT = 8_000;

export interface OidcSettings {
  issuer: URL;
  clientId: string;
  clientSecret: string | null;
  scope: string;
  /** Further parameters of the authorization request. */
  authParams: Readonly<Record<string, string>>;
}

export interface Provider {
  readonly settings: OidcSettings;
  readonly client: Client;
  /** The provider's metadata: discovered once an hour, and an older copy serves while the provider is away. Rejects if there is none. */
  metadata(): Promise<AuthorizationServer>;
  /** How this client proves who it is, as the provider's metadata allows. */
  clientAuth(server: AuthorizationServer): ClientAuth;
  /** Options of every request to the provider. */
  requestOptions(timeout?: number): { signal: AbortSignal; [allowInsecureRequests]: boolean };
  /** Revokes a token (RFC 7009) where the provider can. Rejects if it cannot be reached. */
  revoke(token: string): Promise<void>;
}

/** The identity provider as the routes need it. Nothing is asked of it before the first login. */
export function createProvider(settings: OidcSettings): Provider {
  const client: Client = { client_id: settings.clientId };
  const insecure = settings.issuer.protocol === 'http:' && isLoopback(settings.issuer);
  let known: { at: number; server: AuthorizationServer } | null = null;
  let asking: Promise<AuthorizationServer> | null = null;

  const requestOptions: Provider['requestOptions'] = (timeout = REQUEST_TIMEOUT) => ({
    signal: AbortSignal.timeout(timeout),
    [allowInsecureRequests]: insecure,
  });

  async function discover(): Promise<AuthorizationServer> {
    const response = await discoveryRequest(settings.issuer, requestOptions());
    const server = await processDiscoveryResponse(settings.issuer, response);
    known = { at: Date.now(), server };
    return server;
  }

  async function metadata(): Promise<AuthorizationServer> {
    if (known && Math.abs(Date.now() - known.at) < DISCOVERY_LIFE) return known.server;
    asking ??= discover().finally(() => {
      asking = null;
    });
    try {
      return await asking;
    } catch (error) {
      if (known) return known.server;
      throw error;
    }
  }

  function clientAuth({ token_endpoint_auth_methods_supported: methods }: AuthorizationServer): ClientAuth {
    if (!settings.clientSecret) return None();
    // `client_secret_basic` is the default where the provider does not say (RFC 8414 section 2).
    const post = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic');
    return (post ? ClientSecretPost : ClientSecretBasic)(settings.clientSecret);
  }

  return {
    settings,
    client,
    metadata,
    clientAuth,
    requestOptions,
    async revoke(token) {
      const server = await metadata();
      if (!server.revocation_endpoint) return;
      const response = await revocationRequest(server, client, clientAuth(server), token, requestOptions());
      await response.body?.cancel();
    },
  };
}
