import { refreshTokenGrantRequest } from 'oauth4webapi';
import { codeOf } from '../observe/logger.js';
import { AnswerTooLongError } from './bounded-fetch.js';
import { type IssuerAccess, requestOptions } from './issuer-access.js';
import { readTokenAnswer, type TokenAnswer } from './token-answer.js';

/**
 * Failures of a request that never left: no connection, no name, no TLS. Everything else may have
 * reached the provider.
 */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL|HOSTNAME_MISMATCH)/;

/** Reads a request to the token endpoint that brought no answer. */
export function readFailure(error: unknown): Extract<TokenAnswer, { kind: 'kept' | 'ambiguous' }> {
  const code = codeOf(error) ?? (error instanceof Error ? error.name : 'unknown');
  if (error instanceof AnswerTooLongError) return { kind: 'ambiguous', reason: 'provider_error', detail: code };
  if (NEVER_SENT.test(code)) return { kind: 'kept', reason: 'provider_unreachable', detail: code };
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  return { kind: 'ambiguous', reason: timedOut ? 'provider_timeout' : 'provider_unreachable', detail: code };
}

/** How long an answer is awaited. */
export interface TokenPatience {
  /** After that time no request waits for it any longer, and `stalled` is called. */
  waitMs: number;
  /**
   * Until then it is listened for: a provider that rotates may have redeemed the token, and its
   * late answer is the only copy of the new one.
   */
  listenMs: number;
  stalled: () => void;
  /** A process that ends listens no longer than `waitMs`. */
  closing: AbortSignal;
}

/** Sends a refresh token once and returns the provider's answer. Never rejects. */
export async function askTokenEndpoint(
  issuer: IssuerAccess,
  refreshToken: string,
  { waitMs, listenMs, stalled, closing }: TokenPatience,
): Promise<TokenAnswer> {
  const { server, client, clientAuth } = issuer;
  const stop = new AbortController();
  let isStalled = false;
  const giveUp = () => stop.abort(new DOMException('The token endpoint did not answer in time', 'TimeoutError'));
  const giveUpIfStalled = () => {
    if (isStalled && closing.aborted) giveUp();
  };
  const waiting = setTimeout(() => {
    isStalled = true;
    stalled();
    giveUpIfStalled();
  }, waitMs);
  const listening = setTimeout(giveUp, listenMs);
  closing.addEventListener('abort', giveUpIfStalled);
  try {
    const options = { ...requestOptions(issuer, listenMs), signal: stop.signal };
    const response = await refreshTokenGrantRequest(server, client, clientAuth, refreshToken, options);
    return readTokenAnswer(response.status, response.headers, await response.text());
  } catch (error) {
    return readFailure(error);
  } finally {
    clearTimeout(waiting);
    clearTimeout(listening);
    closing.removeEventListener('abort', giveUpIfStalled);
  }
}
