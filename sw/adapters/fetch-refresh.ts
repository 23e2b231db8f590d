import { type AliveBody, type AliveFacts, CONTRACT_VERSION, HEADER_NAME, HEADER_VALUE } from '../../server/contract.js';
import type { Answer } from '../core/events.js';
import type { EngineAddress } from '../engine-types.js';
import type { RefreshPort } from '../ports.js';
import { isLike } from '../protocol.js';

/**
 * The members that are read from an answer. All are optional. Other members are dropped here, so
 * that nothing else of a backend's answer reaches a page.
 */
const FACTS = {
  accessTokenExpiresIn: 0,
  idleExpiresIn: 0,
  absoluteExpiresIn: 0,
  idleTimeout: 0,
  nextBeatIn: 0,
  sessionId: '',
  user: '',
  reason: '',
  cookie: '',
  refreshed: true,
};

/** Reads the known members of an answer. A member of another type counts as absent. */
const readFacts = (body: object): AliveFacts & { reason?: string } =>
  Object.fromEntries(
    Object.entries(body).filter(([name, value]) => Object.hasOwn(FACTS, name) && isLike(value, FACTS[name as 'user'])),
  );

/** Names the answer that came instead of the contract's. */
function misreading(status: number, isPage: boolean, isObject: boolean): string {
  if (status > 399) return `http-${status}`;
  // A redirect that is not followed is opaque: its status is 0.
  if (!status || status > 299) return 'redirect';
  return isObject ? 'empty' : isPage ? 'html' : 'invalid';
}

/**
 * Returns the milliseconds from the answer's own `Date` to `date`, without this device's clock.
 * `NaN` if either is missing.
 */
const untilDate = ({ headers }: Response, date: unknown): number =>
  Date.parse(`${date}`) - Date.parse(headers.get('Date') ?? '');

/**
 * Reads `Retry-After`, a number of seconds or a date, in milliseconds (RFC 9110 section 10.2.3).
 */
function readRetryAfter(response: Response): number {
  const value = response.headers.get('Retry-After') ?? '';
  return Math.max(0, +value * 1_000 || untilDate(response, value) || 0);
}

async function readAnswer(response: Response, isCheck: boolean): Promise<Answer> {
  const { status } = response;
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The body is no JSON. Its kind is found out below.
  }
  const isObject = isLike(body, {}) && !Array.isArray(body);
  const { reason, ...facts } = isObject ? readFacts(body as object) : {};
  // A backend may tell nothing but when the access token expires.
  const left = untilDate(response, (body as Partial<AliveBody> | undefined)?.accessTokenExpiresAt);
  if (left >= 0) facts.accessTokenExpiresIn ??= left / 1_000;
  // A status route whose answer says nothing of a session may belong to another product, and may
  // give every user that answer.
  const isAlive = status === 200 && isObject && (!isCheck || Object.keys(facts).length > 0);
  const isPage = /^\s*</.test(text);
  // An HTML page comes from a proxy, which gives all users the same answer. Only the session's own
  // server can end it.
  const isOver = status === 401 && !isPage;
  return {
    kind: isAlive ? 'alive' : isOver ? 'over' : 'none',
    // If the server refuses the request itself, its status tells a developer what to mend.
    code: isAlive
      ? 'ok'
      : isOver
        ? (reason ?? 'over')
        : (status > 428 && reason) || misreading(status, isPage, isObject),
    facts,
    retryAfter: readRetryAfter(response),
  };
}

/** Sends the request. Redirects are not followed, because a login page is no answer. */
export function fetchRefresh({ endpoint, statusEndpoint }: EngineAddress): RefreshPort {
  return {
    async send({ kind, activity, idleMs, unansweredMs }, signal) {
      const isCheck = kind === 'check';
      try {
        return await readAnswer(
          await fetch((isCheck && statusEndpoint) || endpoint, {
            method: isCheck ? 'GET' : 'POST',
            headers: { [HEADER_NAME]: HEADER_VALUE, 'Content-Type': 'application/json' },
            body: isCheck
              ? null
              : JSON.stringify({
                  v: CONTRACT_VERSION,
                  activity,
                  idleMs: Math.round(idleMs),
                  unansweredMs,
                }),
            mode: 'same-origin',
            // With `no-referrer` the browser would send `Origin: null`, which a server may refuse.
            referrerPolicy: 'same-origin',
            redirect: 'manual',
            cache: 'no-store',
            signal,
          }),
          isCheck,
        );
      } catch {
        return { kind: 'none', code: signal.aborted ? 'timeout' : 'network', facts: {}, retryAfter: 0 };
      }
    },
  };
}
