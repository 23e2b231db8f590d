import { isJsonObject, type LaterReason } from '../contract.js';
import { readRetryAfter } from '../verdict/retry-after.js';

/** The meaning of a token endpoint's answer for the refresh token that was sent. */
export type TokenAnswer =
  | { kind: 'granted'; json: Record<string, unknown> }
  /** The provider does not take this refresh token (any more). */
  | { kind: 'invalid_grant' }
  /** The provider wants to see the user. */
  | { kind: 'interaction' }
  /**
   * Refused, but without an error that only a provider gives (`error` is `null`, or
   * `access_denied`). Some providers answer a spent token so. Gateways may answer every request so.
   */
  | { kind: 'blank_refusal'; error: string | null; detail: string }
  /** Nothing was redeemed. `closeFor` (seconds) forbids further requests to this provider. */
  | { kind: 'kept'; reason: LaterReason; detail: string; closeFor?: number }
  /** The token may or may not have been redeemed. */
  | { kind: 'ambiguous'; reason: LaterReason; detail: string };

const INTERACTION = new Set(['interaction_required', 'login_required', 'consent_required']);
/**
 * OAuth errors that blame this application's registration, whichever token it sends (RFC 6749
 * section 5.2).
 */
export const MISCONFIGURED = new Set(['invalid_client', 'unauthorized_client', 'invalid_request', 'invalid_scope']);
const OVERLOADED = new Set(['slow_down', 'temporarily_unavailable']);
const DEFAULT_CLOSE_SECONDS = 5;

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Returns the error code of a body, if it counts with this status: 400, and 401 for
 * `invalid_client` (RFC 6749 section 5.2). Gateways and firewalls send `access_denied` and the like
 * by themselves, with 403 and other statuses. No gateway sends `invalid_grant`, and some providers
 * send it with 401, 403 or even 200. So it counts unless the status tells of a failure or of too
 * many requests.
 */
function oauthError(status: number, error: string | null): string | null {
  if (error === 'invalid_grant') return status >= 500 || status === 429 || status === 408 ? null : error;
  return status === 400 || (status === 401 && error === 'invalid_client') ? error : null;
}

/**
 * Reads a token endpoint's answer to a refresh (RFC 6749 sections 5 and 6). `text` is its body. The
 * body is judged here because an OAuth library rejects an answer with a wrong member, and a rotated
 * refresh token in it would be lost.
 */
export function readTokenAnswer(status: number, headers: Headers, text: string): TokenAnswer {
  const json = parse(text);
  const error = typeof json?.error === 'string' ? json.error : null;
  const detail = `status ${status}${error !== null && /^\w{1,40}$/.test(error) ? ` ${error}` : ''}`;
  if (status === 200 && error === null) {
    const useful = typeof json?.access_token === 'string' || typeof json?.refresh_token === 'string';
    return useful && json ? { kind: 'granted', json } : { kind: 'ambiguous', reason: 'provider_error', detail };
  }
  const counts = oauthError(status, error);
  if (counts === 'invalid_grant') return { kind: 'invalid_grant' };
  if (counts !== null && INTERACTION.has(counts)) return { kind: 'interaction' };
  if (counts !== null && MISCONFIGURED.has(counts)) return { kind: 'kept', reason: 'provider_misconfigured', detail };
  if (status === 429 || status === 408 || status === 503 || (counts !== null && OVERLOADED.has(counts))) {
    const closeFor = readRetryAfter(headers) ?? DEFAULT_CLOSE_SECONDS;
    return { kind: 'kept', reason: 'provider_error', detail, closeFor };
  }
  if (status === 401 && headers.has('www-authenticate')) {
    return { kind: 'kept', reason: 'provider_misconfigured', detail };
  }
  const isBlank = error === null ? status === 400 || status === 401 : counts === 'access_denied';
  if (isBlank) return { kind: 'blank_refusal', error, detail };
  if (status >= 500) return { kind: 'ambiguous', reason: 'provider_error', detail };
  return { kind: 'kept', reason: 'provider_error', detail };
}
