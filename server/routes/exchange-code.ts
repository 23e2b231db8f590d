import {
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  skipAuthTimeCheck,
  validateAuthResponse,
} from 'oauth4webapi';
import type { LaterReason } from '../contract.js';
import { readFailure } from '../provider/ask-token-endpoint.js';
import { refreshExpiresIn } from '../provider/granted-tokens.js';
import { requestOptions } from '../provider/issuer-access.js';
import type { Provider } from '../provider/provider.js';
import { readTokenAnswer, type TokenAnswer } from '../provider/token-answer.js';
import type { Identity, TokenSet } from '../record/token-set.js';
import type { LoginAttempt } from './login-attempt.js';

/** Time-out of the code exchange, in milliseconds. */
const EXCHANGE_TIMEOUT = 20_000;

/**
 * The provider is away, or something before it answers in its place: that says nothing about the
 * code.
 */
export class ProviderAwayError extends Error {
  override readonly name = 'ProviderAwayError';
  readonly reason: LaterReason;
  /** The status of the answer, or the network's code. */
  readonly detail: string;

  constructor({ reason, detail }: Extract<TokenAnswer, { kind: 'kept' | 'ambiguous' }>) {
    super(`The identity provider cannot be asked (${detail})`);
    this.reason = reason;
    this.detail = detail;
  }
}

const orAway = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    throw new ProviderAwayError(readFailure(error));
  });

/**
 * Throws a `ProviderAwayError` for an answer that the provider itself did not give, or gave because
 * it fails.
 */
async function refuseOutage(response: Response): Promise<void> {
  const answer = readTokenAnswer(response.status, response.headers, await response.clone().text());
  if (answer.kind === 'blank_refusal' && answer.error === null)
    throw new ProviderAwayError({ ...answer, kind: 'kept', reason: 'provider_error' });
  const isOutage = answer.kind === 'ambiguous' || answer.kind === 'kept';
  if (isOutage && answer.reason !== 'provider_misconfigured') throw new ProviderAwayError(answer);
}

/**
 * Returns how old the user's authentication may be, in seconds. `max_age=0` means "signed in since
 * this login began". Taken literally it would refuse a user who takes the time to read the consent
 * page. If a provider lists its claims and `auth_time` is not among them (Google), it cannot answer
 * this, and the claim is not required: otherwise its users could never sign in.
 */
function authenticationAge({ fresh, startedAt }: LoginAttempt, { claims_supported: claims }: AuthorizationServer) {
  if (!fresh || (claims && !claims.includes('auth_time'))) return skipAuthTimeCheck;
  return Math.max(0, Math.ceil(Date.now() / 1_000 - startedAt));
}

/**
 * Turns the provider's answer into an identity and tokens. Checks state and `iss` (RFC 9207), then
 * exchanges the code with PKCE and checks the ID token's issuer, audience, nonce and times (OpenID
 * Connect Core section 3.1.3.7; its signature is not needed, since it comes over the back channel).
 * Throws a `ProviderAwayError` if the code could not be judged, otherwise the error of
 * oauth4webapi.
 */
export async function exchangeCode(
  provider: Provider,
  attempt: LoginAttempt & { state: string },
  answer: URLSearchParams,
  redirectUri: string,
): Promise<{ identity: Identity; tokens: TokenSet }> {
  const issuer = await orAway(provider.access());
  const { server, client } = issuer;
  const parameters = validateAuthResponse(server, client, answer, attempt.state);
  const options = requestOptions(issuer, EXCHANGE_TIMEOUT);
  const response = await orAway(
    authorizationCodeGrantRequest(
      server,
      client,
      issuer.clientAuth,
      parameters,
      redirectUri,
      attempt.verifier,
      options,
    ),
  );
  await refuseOutage(response);
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
