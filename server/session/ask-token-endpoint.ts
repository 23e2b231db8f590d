import { refreshTokenGrantRequest } from 'oauth4webapi';
import { type IssuerAccess, requestOptions } from './issuer-access.js';
import { codeOf } from './logger.js';
import { readTokenAnswer, type TokenAnswer } from './token-answer.js';

/** Failures of a request that never left: no connection, no name, no TLS. Everything else may have reached the provider. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL|HOSTNAME_MISMATCH)/;

function readFailure(error: unknown): TokenAnswer {
  const code = codeOf(error) ?? (error instanceof Error ? error.name : 'unknown');
  if (NEVER_SENT.test(code)) return { kind: 'kept', reason: 'provider_unreachable', detail: code };
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  return { kind: 'ambiguous', reason: timedOut ? 'provider_timeout' : 'provider_unreachable', detail: code };
}

/** Sends a refresh token once and says what came of it; never rejects. */
export async function askTokenEndpoint(
  issuer: IssuerAccess,
  refreshToken: string,
  timeoutMs: number,
): Promise<TokenAnswer> {
  const { server, client, clientAuth } = issuer;
  try {
    const options = requestOptions(issuer, timeoutMs);
    const response = await refreshTokenGrantRequest(server, client, clientAuth, refreshToken, options);
    const text = await response.text();
    return readTokenAnswer(response.status, response.headers, text);
  } catch (error) {
    return readFailure(error);
  }
}
