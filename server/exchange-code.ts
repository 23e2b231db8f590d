import {
  authorizationCodeGrantRequest,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  skipAuthTimeCheck,
  validateAuthResponse,
} from 'oauth4webapi';
import type { LoginAttempt } from './login-attempt.js';
import type { Provider } from './provider.js';
import { requestOptions } from './session/issuer-access.js';
import type { Identity, TokenSet } from './session/types.js';

/** Time-out of the code exchange, in milliseconds. */
const EXCHANGE_TIMEOUT = 20_000;

/**
 * Turns the provider's answer into an identity and tokens. Checks state and `iss` (RFC 9207), then exchanges the code with PKCE and checks
 * the ID token's issuer, audience, nonce and times (OpenID Connect Core section 3.1.3.7; its signature is not needed, since it comes over
 * the back channel). Throws what oauth4webapi throws.
 */
export async function exchangeCode(
  provider: Provider,
  attempt: LoginAttempt,
  answer: URLSearchParams,
  redirectUri: string,
): Promise<{ identity: Identity; tokens: TokenSet }> {
  const issuer = await provider.access();
  const { server, client } = issuer;
  const parameters = validateAuthResponse(server, client, answer, attempt.state);
  const response = await authorizationCodeGrantRequest(
    server,
    client,
    issuer.clientAuth,
    parameters,
    redirectUri,
    attempt.verifier,
    requestOptions(issuer, EXCHANGE_TIMEOUT),
  );
  const result = await processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: attempt.nonce,
    requireIdToken: true,
    // `max_age=0` means "signed in since this login began"; taken literally it would refuse whoever reads the consent page.
    maxAge: attempt.fresh ? Math.max(0, Math.ceil(Date.now() / 1_000 - attempt.startedAt)) : skipAuthTimeCheck,
  });
  const claims = getValidatedIdTokenClaims(result);
  if (!claims) throw new TypeError('the provider answered without an ID token');
  const refreshExpiresIn = result.refresh_expires_in;
  return {
    identity: {
      issuer: claims.iss,
      subject: claims.sub,
      providerSessionId: typeof claims.sid === 'string' ? claims.sid : null,
    },
    tokens: {
      accessToken: result.access_token,
      accessTokenExpiresIn: result.expires_in ?? null,
      refreshToken: result.refresh_token ?? null,
      refreshExpiresIn: typeof refreshExpiresIn === 'number' && refreshExpiresIn > 0 ? refreshExpiresIn : null,
      idToken: result.id_token ?? null,
      scope: result.scope ?? null,
    },
  };
}
