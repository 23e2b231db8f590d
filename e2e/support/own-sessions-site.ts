import { HEADER_NAME, HEADER_VALUE, PUBLIC_COOKIE } from '../../server/contract.js';
import { userMeta } from '../../server/heartbeat/user-meta.js';
import { type Fetch, type Listening, listen } from '../demo/listen.js';
import { HTML } from './bundle.js';

export interface OwnSessions {
  /** Default 10 s. */
  idleMs?: number;
  /** What it says of a session that lives, instead of what is left. */
  facts?: Record<string, unknown>;
  /** Answers name no user. */
  isUserUnnamed?: boolean;
  /**
   * Pages say for whom they were rendered, and a browser may show them again without a question.
   */
  rendersFor?: boolean;
}

/**
 * A backend of its own that speaks the contract and nothing else, for what the demo's server
 * refuses on purpose or would never say: plain http on a host that is not loopback, a session
 * without any end. `GET /sign-in` signs in a `user`, ada by default, and goes `to` a page;
 * `/sign-out` signs out.
 */
export async function startOwnSessions(
  around: (site: Fetch) => Fetch,
  { idleMs: limit = 10_000, facts, isUserUnnamed, rendersFor }: OwnSessions = {},
): Promise<Listening> {
  const activeAt = new Map<string, number>();
  const users = new Map<string, string>();
  const idOf = (request: Request): string => /(?:^|; )sid=(\w+)/.exec(request.headers.get('Cookie') ?? '')?.[1] ?? '';

  function answer(request: Request, isBeat: boolean, activity: unknown, idleMs: number): Response {
    if (request.headers.get(HEADER_NAME) !== HEADER_VALUE) return new Response(null, { status: 403 });
    const sessionId = idOf(request);
    const last = activeAt.get(sessionId);
    const now = Date.now();
    const over = (reason: string) => Response.json({ reason, sessionId }, { status: 401 });
    if (last === undefined) return over('no_session');
    if (now - last > limit) return over('idle_timeout');
    if (isBeat && activity === 'user') activeAt.set(sessionId, Math.max(last, now - idleMs));
    const idleExpiresIn = ((activeAt.get(sessionId) ?? now) + limit - now) / 1_000;
    const left = facts ?? { idleExpiresIn, nextBeatIn: 2 };
    const user = isUserUnnamed ? undefined : users.get(sessionId);
    return Response.json({ sessionId, user, ...left }, { headers: { 'Cache-Control': 'no-store' } });
  }

  /**
   * Renders a page for the user of the request. `unload` keeps it out of the back/forward cache.
   */
  const rendered: (serve: Fetch) => Fetch = (serve) => async (request) => {
    const response = await serve(request);
    if (!rendersFor || response.headers.get('Content-Type') !== HTML) return response;
    const tag = userMeta(users.get(idOf(request)) ?? null);
    const page = `${await response.text()}<script>addEventListener('unload', () => {});</script>`;
    return new Response(page.replace('<head>', `<head>${tag}`), { headers: response.headers });
  };

  const site = await listen('127.0.0.1', 0);
  site.serve(
    rendered(
      around(async (request) => {
        const { pathname, searchParams } = new URL(request.url);
        if (pathname === '/sign-in') {
          const id = Math.random().toString(36).slice(2);
          activeAt.set(id, Date.now());
          users.set(id, searchParams.get('user') ?? 'ada');
          const headers = new Headers({ Location: searchParams.get('to') ?? '/small/' });
          headers.append('Set-Cookie', `sid=${id}; Path=/; HttpOnly; SameSite=Lax`);
          headers.append('Set-Cookie', `${PUBLIC_COOKIE}=${id}; Path=/; SameSite=Lax`);
          return new Response(null, { status: 303, headers });
        }
        if (pathname === '/sign-out') {
          users.delete(idOf(request));
          activeAt.delete(idOf(request));
          const headers = new Headers({ Location: '/small/other' });
          for (const name of ['sid', PUBLIC_COOKIE]) headers.append('Set-Cookie', `${name}=; Path=/; Max-Age=0`);
          return new Response(null, { status: 303, headers });
        }
        if (pathname === '/auth/session') return answer(request, false, 'none', 0);
        if (pathname !== '/auth/heartbeat') return new Response(null, { status: 404 });
        const { activity, idleMs } = await request.json();
        return answer(request, true, activity, Number(idleMs));
      }),
    ),
  );
  return site;
}
