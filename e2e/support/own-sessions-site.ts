import { HEADER_NAME, HEADER_VALUE, PUBLIC_COOKIE } from '../../server/contract.js';
import { type Fetch, type Listening, listen } from '../demo/listen.js';

export interface OwnSessions {
  /** Default 10 s. */
  idleMs?: number;
  /** What it says of a session that lives, instead of what is left. */
  facts?: Record<string, unknown>;
}

/**
 * A backend of its own that speaks the contract and nothing else, for what the demo's server refuses on purpose or would never say: plain http
 * on a host that is not loopback, a session without any end. `GET /sign-in` signs in and goes `to` a page.
 */
export async function startOwnSessions(
  around: (site: Fetch) => Fetch,
  { idleMs: limit = 10_000, facts }: OwnSessions = {},
): Promise<Listening> {
  const activeAt = new Map<string, number>();

  function answer(request: Request, isBeat: boolean, activity: unknown, idleMs: number): Response {
    if (request.headers.get(HEADER_NAME) !== HEADER_VALUE) return new Response(null, { status: 403 });
    const sessionId = /(?:^|; )sid=(\w+)/.exec(request.headers.get('Cookie') ?? '')?.[1] ?? '';
    const last = activeAt.get(sessionId);
    const now = Date.now();
    const over = (reason: string) => Response.json({ reason, sessionId }, { status: 401 });
    if (last === undefined) return over('no_session');
    if (now - last > limit) return over('idle_timeout');
    if (isBeat && activity === 'user') activeAt.set(sessionId, Math.max(last, now - idleMs));
    const idleExpiresIn = ((activeAt.get(sessionId) ?? now) + limit - now) / 1_000;
    const left = facts ?? { idleExpiresIn, nextBeatIn: 2 };
    return Response.json({ sessionId, ...left }, { headers: { 'Cache-Control': 'no-store' } });
  }

  const site = await listen('127.0.0.1', 0);
  site.serve(
    around(async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === '/sign-in') {
        const id = Math.random().toString(36).slice(2);
        activeAt.set(id, Date.now());
        const headers = new Headers({ Location: searchParams.get('to') ?? '/small/' });
        headers.append('Set-Cookie', `sid=${id}; Path=/; HttpOnly; SameSite=Lax`);
        headers.append('Set-Cookie', `${PUBLIC_COOKIE}=${id}; Path=/; SameSite=Lax`);
        return new Response(null, { status: 303, headers });
      }
      if (pathname === '/auth/session') return answer(request, false, 'none', 0);
      if (pathname !== '/auth/heartbeat') return new Response(null, { status: 404 });
      const { activity, idleMs } = await request.json();
      return answer(request, true, activity, Number(idleMs));
    }),
  );
  return site;
}
