import type { AuthorizationServer, Client, ClientAuth } from 'oauth4webapi';
import { allowInsecureRequests, customFetch, processRevocationResponse, revocationRequest } from 'oauth4webapi';
import { boundedFetch } from './bounded-fetch.js';

/** The identity provider, and the application's registration there. */
export interface IssuerAccess {
  server: AuthorizationServer;
  client: Client;
  clientAuth: ClientAuth;
  /** Allows plain http, for a provider on a loopback address only. */
  allowInsecure?: boolean;
}

/**
 * The provider's access, or a function that finds it out when it is first needed. If that fails,
 * the provider counts as unreachable, and the next grant tries again.
 */
export type IssuerSource = IssuerAccess | (() => Promise<IssuerAccess>);

/** The options that every request to the provider carries. */
export function requestOptions(issuer: IssuerAccess, timeoutMs: number) {
  return {
    signal: AbortSignal.timeout(timeoutMs),
    [allowInsecureRequests]: issuer.allowInsecure === true,
    [customFetch]: boundedFetch,
  };
}

/**
 * Revokes a refresh token (RFC 7009), if the provider supports it. Throws if the provider could not
 * be asked, or refused.
 */
export async function revokeRefreshToken(issuer: IssuerAccess, refreshToken: string): Promise<void> {
  const { server, client, clientAuth } = issuer;
  if (!server.revocation_endpoint) return;
  const options = { ...requestOptions(issuer, 5_000), additionalParameters: { token_type_hint: 'refresh_token' } };
  const response = await revocationRequest(server, client, clientAuth, refreshToken, options);
  await processRevocationResponse(response);
}
