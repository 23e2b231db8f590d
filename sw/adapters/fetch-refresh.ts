import { type AliveBody, type AliveFacts, CONTRACT_VERSION, HEADER_NAME, HEADER_VALUE } from '../../server/contract.js';
import type { Answer } from '../core/events.js';
import type { EngineAddress } from '../engine-types.js';
import type { RefreshPort } from '../ports.js';
import { isLike } from '../protocol.js';

/**
 * What is taken from an answer, each member optional. Nothing else gets past this door, whatever a
 * sloppy backend says too much.
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

/** A member of another type is as good as absent. */
const readFacts = (body: object): AliveFacts & { reason?: string } =>
  Object.fromEntries(
    Object.entries(body).filter(([name, value]) => Object.hasOwn(FACTS, name) && isLike(value, FACTS[name as 'user'])),
  );

/** What came instead of the contract's answer. */
function misreading(status: number, isPage: boolean, isObject: boolean): string {
  if (status > 399) return `http-${status}`;
  // A redirect that is not followed is opaque: its status is 0.
  if (!status || status > 299) return 'redirect';
  return isObject ? 'empty' : isPage ? 'html' : 'invalid';
}

/**
 * Milliseconds from the answer's own `Date` to `date`, never by this device's clock; not a number
 * where either is missing.
 */
const untilDate = ({ headers }: Response, date: unknown): number =>
  Date.parse(`${date}`) - Date.parse(headers.get('Date') ?? '');

/** `Retry-After` in milliseconds (RFC 9110 section 10.2.3), as a number of seconds or as a date. */
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
    // What it is instead is said below.
  }
  const isObject = isLike(body, {}) && !Array.isArray(body);
  const { reason, ...facts } = isObject ? readFacts(body as object) : {};
  // A backend may say only when the token expires.
  const left = untilDate(response, (body as Partial<AliveBody> | undefined)?.accessTokenExpiresAt);
  if (left >= 0) facts.accessTokenExpiresIn ??= left / 1_000;
  // A status route that says nothing of a session may answer so to everybody: it is another
  // product's.
  const isAlive = status === 200 && isObject && (!isCheck || Object.keys(facts).length > 0);
  const isPage = /^\s*</.test(text);
  // A page is a proxy's, which answers so to all: a session ends by its own server's word.
  const isOver = status === 401 && !isPage;
  return {
    kind: isAlive ? 'alive' : isOver ? 'over' : 'none',
    // Of a request that is not the contract's the status tells what to mend, whatever else it says.
    code: isAlive
      ? 'ok'
      : isOver
        ? (reason ?? 'over')
        : (status > 428 && reason) || misreading(status, isPage, isObject),
    facts,
    retryAfter: readRetryAfter(response),
  };
}

/** The request itself. Redirects are not followed: a login page is no answer. */
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
            // Under `no-referrer` the browser would send `Origin: null`, which a server may refuse.
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
