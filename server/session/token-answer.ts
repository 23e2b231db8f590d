import { isJsonObject, type LaterReason } from '../contract.js';
import { readRetryAfter } from './retry-after.js';

/** What an answer of the token endpoint means for the refresh token that was sent. */
export type TokenAnswer =
  | { kind: 'granted'; json: Record<string, unknown> }
  /** The provider does not take this refresh token (any more). */
  | { kind: 'invalid_grant' }
  /** The provider wants to see the user. */
  | { kind: 'interaction' }
  /** Refused without an OAuth error: some providers answer a spent token so. */
  | { kind: 'blank_refusal' }
  /** Nothing was redeemed. `closeFor` (seconds) forbids further requests to this provider. */
  | { kind: 'kept'; reason: LaterReason; detail: string; closeFor?: number }
  /** The token may or may not have been redeemed. */
  | { kind: 'ambiguous'; reason: LaterReason; detail: string };

const INTERACTION = new Set(['interaction_required', 'login_required', 'consent_required', 'access_denied']);
/** OAuth errors that blame this application's registration, whoever asks (RFC 6749 section 5.2). */
export const MISCONFIGURED = new Set(['invalid_client', 'unauthorized_client', 'invalid_request', 'invalid_scope']);
const OVERLOADED = new Set(['slow_down', 'temporarily_unavailable']);
const DEFAULT_CLOSE_SECONDS = 5;

function parse(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Reads an answer of the token endpoint to a refresh (RFC 6749 sections 5 and 6). `text` is its body, `null` if that was cut off. An OAuth
 * library would throw away a rotated refresh token with an answer whose other members it does not like, so the body is judged here.
 */
export function readTokenAnswer(status: number, headers: Headers, text: string | null): TokenAnswer {
  const json = parse(text);
  const error = typeof json?.error === 'string' ? json.error : null;
  const detail = `status ${status}${error !== null && /^\w{1,40}$/.test(error) ? ` ${error}` : ''}`;
  if (status === 200 && error === null) {
    const useful = typeof json?.access_token === 'string' || typeof json?.refresh_token === 'string';
    return useful && json ? { kind: 'granted', json } : { kind: 'ambiguous', reason: 'provider_error', detail };
  }
  if (error === 'invalid_grant') return { kind: 'invalid_grant' };
  if (error !== null && INTERACTION.has(error)) return { kind: 'interaction' };
  if (error !== null && MISCONFIGURED.has(error)) return { kind: 'kept', reason: 'provider_misconfigured', detail };
  if (status === 429 || status === 408 || status === 503 || (error !== null && OVERLOADED.has(error))) {
    const closeFor = readRetryAfter(headers) ?? DEFAULT_CLOSE_SECONDS;
    return { kind: 'kept', reason: 'provider_error', detail, closeFor };
  }
  if (status === 401 && headers.has('www-authenticate')) {
    return { kind: 'kept', reason: 'provider_misconfigured', detail };
  }
  if ((status === 400 || status === 401) && error === null) return { kind: 'blank_refusal' };
  if (status >= 500) return { kind: 'ambiguous', reason: 'provider_error', detail };
  return { kind: 'kept', reason: 'provider_error', detail };
}
