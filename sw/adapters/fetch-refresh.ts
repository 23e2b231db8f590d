import {
  type AliveFacts,
  CONTRACT_VERSION,
  HEADER_NAME,
  HEADER_VALUE,
  isEndReason,
  isJsonObject,
} from '../../server/contract.js';
import type { Answer } from '../core/events.js';
import type { EngineAddress } from '../engine-types.js';
import type { RefreshPort } from '../ports.js';
import type { ErrorCode } from '../protocol.js';

const SECONDS = [
  'accessTokenExpiresIn',
  'idleExpiresIn',
  'absoluteExpiresIn',
  'idleTimeout',
  'absoluteTimeout',
  'nextBeatIn',
] as const;

/** Statuses that mean the address is wrong, not the session. */
const WRONG_ADDRESS: Record<number, ErrorCode> = {
  403: 'endpoint-forbidden',
  404: 'endpoint-missing',
  405: 'endpoint-method',
};

/** Every member of the contract is optional; one of another type is as good as absent. */
function readFacts(body: Record<string, unknown>): AliveFacts {
  const facts: AliveFacts = { refreshed: body.refreshed === true };
  for (const name of SECONDS) {
    const value = body[name];
    if (value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0)) facts[name] = value;
  }
  for (const name of ['sessionId', 'user'] as const) {
    const value = body[name];
    if (typeof value === 'string' && value.length <= 256) facts[name] = value;
  }
  return facts;
}

/** `Retry-After` in milliseconds (RFC 9110 section 10.2.3); a date is read against the answer's own `Date`, never this device's clock. */
function readRetryAfter({ headers }: Response): number | null {
  const value = headers.get('Retry-After');
  if (!value) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const span = Date.parse(value) - Date.parse(headers.get('Date') ?? '');
  return span >= 0 ? span : null;
}

async function readAnswer(response: Response): Promise<Answer> {
  const { status, ok } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400))
    return { kind: 'failed', code: 'redirect', error: 'endpoint-redirect' };
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  const fields = isJsonObject(body) ? body : {};
  if (status === 401) {
    const { reason, sessionId } = fields;
    return {
      kind: 'over',
      reason: isEndReason(reason) ? reason : null,
      sessionId: typeof sessionId === 'string' ? sessionId : null,
    };
  }
  if (status === 200 && isJsonObject(body)) return { kind: 'alive', facts: readFacts(body) };
  if (ok) {
    const isHtml = /^\s*</.test(text);
    return { kind: 'failed', code: isHtml ? 'html' : 'invalid', error: isHtml ? 'endpoint-html' : 'endpoint-invalid' };
  }
  const retryAfter = readRetryAfter(response);
  if (status === 429 || status === 503 || retryAfter !== null) {
    const code = typeof fields.reason === 'string' ? fields.reason.slice(0, 64) : `http-${status}`;
    return { kind: 'later', code, retryAfter, facts: readFacts(fields) };
  }
  const refused: ErrorCode | null = status >= 400 && status < 500 ? 'endpoint-refused' : null;
  return { kind: 'failed', code: `http-${status}`, error: WRONG_ADDRESS[status] ?? refused };
}

/** The request itself. Redirects are not followed: a login page is no answer. */
export function fetchRefresh({ endpoint, statusEndpoint }: EngineAddress): RefreshPort {
  return {
    async send(request, signal) {
      const headers: Record<string, string> = { [HEADER_NAME]: HEADER_VALUE, Accept: 'application/json' };
      const common = { headers, signal, redirect: 'manual', cache: 'no-store', credentials: 'same-origin' } as const;
      try {
        if (request.kind === 'check') return await readAnswer(await fetch(statusEndpoint ?? endpoint, common));
        const body = JSON.stringify({
          v: CONTRACT_VERSION,
          activity: request.activity,
          idleMs: Math.round(request.idleMs),
        });
        headers['Content-Type'] = 'application/json';
        return await readAnswer(await fetch(endpoint, { ...common, method: 'POST', body }));
      } catch {
        return { kind: 'failed', code: signal.aborted ? 'timeout' : 'network', error: null };
      }
    },
  };
}
