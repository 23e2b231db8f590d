import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  skipAuthTimeCheck,
  validateAuthResponse,
} from 'oauth4webapi';
import type { LoginAttempt } from './login-attempt.js';
import type { Provider } from './provider.js';
import { refreshExpiresIn } from './session/granted-tokens.js';
import { requestOptions } from './session/issuer-access.js';
import type { Identity, TokenSet } from './session/types.js';

/** Time-out of the code exchange, in milliseconds. */
const EXCHANGE_TIMEOUT = 20_000;

/**
 * How old the user's authentication may be, in seconds. `max_age=0` means "signed in since this login began"; taken literally it would refuse
 * whoever reads the consent page. A provider that says which claims it has, and not `auth_time` among them (Google), cannot answer that: to
 * insist would lock its users out for good.
 */
function authenticationAge({ fresh, startedAt }: LoginAttempt, { claims_supported: claims }: AuthorizationServer) {
  if (!fresh || (claims && !claims.includes('auth_time'))) return skipAuthTimeCheck;
  return Math.max(0, Math.ceil(Date.now() / 1_000 - startedAt));
}

/**
 * Turns the provider's answer into an identity and tokens. Checks state and `iss` (RFC 9207), then exchanges the code with PKCE and checks
 * the ID token's issuer, audience, nonce and times (OpenID Connect Core section 3.1.3.7; its signature is not needed, since it comes over
 * the back channel). Throws what oauth4webapi throws.
 */
export async function exchangeCode(
  provider: Provider,
  attempt: LoginAttempt & { state: string },
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
    maxAge: authenticationAge(attempt, server),
  });
  const claims = getValidatedIdTokenClaims(result);
  if (!claims) throw new TypeError('the provider answered without an ID token');
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
      refreshExpiresIn: refreshExpiresIn(result),
      idToken: result.id_token ?? null,
      scope: result.scope ?? null,
    },
  };
}
