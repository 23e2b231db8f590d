import { isJsonObject } from '../../server/contract.js';
import type { Around } from '../demo/demo.js';

/**
 * One beat or check as the server saw it. Instants are milliseconds since the epoch, on the one
 * clock of this machine.
 */
export interface ServedAsk {
  arrivedAt: number;
  activity: 'user' | 'none';
  idleMs: number;
  /** The script that asked: a worker's own, or the page. */
  referer: string;
  /** `null` until it was answered. */
  answer: { at: number; status: number; retryAfter: number | null; body: Record<string, unknown> } | null;
}

/**
 * The messages that can be kept waiting: a beat that nothing has seen yet, its answer, and the
 * answer that ends a login.
 */
type Stage = 'request' | 'answer' | 'login';

export interface Hold {
  /** Tells if a message is kept now. */
  isHolding(): boolean;
  release(): void;
}

/** What reached the server at `POST /auth/heartbeat` and `GET /auth/session`, whoever sent it. */
export interface ServerLog {
  readonly beats: readonly ServedAsk[];
  readonly checks: readonly ServedAsk[];
  around: Around;
  /**
   * Keeps the next beat or the next login's answer, or with `status` the next one that has this
   * status. A kept answer waits until all is done and no page was told.
   */
  hold(stage: Stage, status?: number): Hold;
}

async function readBody(message: Request | Response): Promise<Record<string, unknown>> {
  const body: unknown = await message
    .clone()
    .json()
    .catch(() => null);
  return isJsonObject(body) ? body : {};
}

export function createServerLog(): ServerLog {
  const beats: ServedAsk[] = [];
  const checks: ServedAsk[] = [];
  const holds: Record<Stage, { arrive(): void; released: Promise<void>; status: number | undefined }[]> = {
    request: [],
    answer: [],
    login: [],
  };

  async function pass(stage: Stage, status?: number): Promise<void> {
    const index = holds[stage].findIndex((hold) => hold.status === undefined || hold.status === status);
    const [held] = index < 0 ? [] : holds[stage].splice(index, 1);
    held?.arrive();
    await held?.released;
  }

  return {
    beats,
    checks,
    around: (site) => async (request) => {
      const { pathname } = new URL(request.url);
      const isBeat = request.method === 'POST' && pathname === '/auth/heartbeat';
      if (pathname === '/auth/callback') {
        const response = await site(request);
        await pass('login');
        return response;
      }
      if (!isBeat && pathname !== '/auth/session') return site(request);
      const arrivedAt = Date.now();
      const { activity, idleMs } = await readBody(request);
      const ask: ServedAsk = {
        arrivedAt,
        activity: activity === 'none' ? 'none' : 'user',
        idleMs: typeof idleMs === 'number' ? idleMs : 0,
        referer: request.headers.get('Referer') ?? '',
        answer: null,
      };
      (isBeat ? beats : checks).push(ask);
      if (isBeat) await pass('request');
      const response = await site(request);
      const body = await readBody(response);
      if (isBeat) await pass('answer', response.status);
      const retryAfter = response.headers.get('Retry-After');
      ask.answer = {
        at: Date.now(),
        status: response.status,
        retryAfter: retryAfter === null ? null : Number(retryAfter),
        body,
      };
      return response;
    },
    hold(stage, status) {
      let isHolding = false;
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const arrive = (): void => {
        isHolding = true;
      };
      holds[stage].push({ arrive, released, status });
      return { isHolding: () => isHolding, release };
    },
  };
}

/** The latest instant at which anybody was there, as the beats told the server. */
export const reportedAt = (beats: readonly ServedAsk[]): number =>
  Math.max(...beats.map(({ arrivedAt, activity, idleMs }) => (activity === 'user' ? arrivedAt - idleMs : 0)));
