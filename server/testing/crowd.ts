import { Hono } from 'hono';
import type { TestProvider } from '../dev-provider/provider.js';
import { handleHeartbeat } from '../heartbeat/handle-heartbeat.js';
import { sessionCookies } from '../hono/cookies.js';
import { createProvider } from '../provider/provider.js';
import { sessionRoute } from '../routes/session-route.js';
import { createSessionService } from '../session/create-session-service.js';
import type { SessionServiceOptions } from '../session/session-options.js';
import type { SessionService } from '../session/session-service.js';
import { appOrigin, JSON_TYPE, OURS } from './app/beat-request.js';
import { serviceAt } from './service-bench.js';

/** An answer, as a page reads it. */
export interface CrowdAnswer {
  status: number;
  /** In seconds; `null` without the header. */
  retryAfter: number | null;
  body: { reason?: string; refreshed?: boolean; idleExpiresIn?: number; nextBeatIn?: number };
}

const SIGN_INS_AT_ONCE = 5;

export interface CrowdUser {
  sessionId: string;
  /** The browser sends it as `Cookie`. */
  cookie: string;
  /** The token of the login. */
  refreshToken: string;
  /** The page tells that its user is there. */
  beat(): Promise<CrowdAnswer>;
  /** The page asks what is left of the session. */
  ask(): Promise<CrowdAnswer>;
}

/** The application, as the test provider knows it. */
const settingsAt = (issuer: string): Parameters<typeof createProvider>[0] => ({
  issuer: new URL(issuer),
  clientId: 'app',
  proof: { method: null, secret: 'secret', key: null },
  scope: 'openid offline_access',
  authParams: {},
});

/**
 * Signed-in users of one application, and the routes that their pages use. The application
 * discovers the provider as in life, and its clock can be set forward.
 */
export async function signInCrowd(provider: TestProvider, count: number, more: Partial<SessionServiceOptions> = {}) {
  const newIssuer = () => {
    const { access } = createProvider(settingsAt(provider.issuer));
    return () => access();
  };
  const bench = serviceAt(provider, { issuer: newIssuer(), ...more });
  const cookies = sessionCookies(appOrigin, null, undefined);
  const { log: logger } = bench;
  let service: SessionService = bench.service;
  const app = new Hono();
  app.post('/auth/heartbeat', (context) =>
    handleHeartbeat(context.req.raw, { ...{ appOrigin, service, logger }, cookieName: cookies.session }),
  );
  app.get('/auth/session', (context) => sessionRoute({ appOrigin, service, cookies, logger }, context));

  async function send(path: string, init: RequestInit): Promise<CrowdAnswer> {
    const response = await app.request(`${appOrigin}/auth/${path}`, init);
    const after = response.headers.get('retry-after');
    return {
      status: response.status,
      retryAfter: after === null ? null : Number(after),
      body: (await response.json()) as CrowdAnswer['body'],
    };
  }
  const BODY = JSON.stringify({ v: 1, activity: 'user', idleMs: 0 });

  async function signIn(): Promise<CrowdUser> {
    const { cookie: value, sessionId, tokens } = await bench.open();
    const cookie = `${cookies.session}=${value}`;
    return {
      cookie,
      sessionId,
      refreshToken: tokens.refreshToken ?? '',
      beat: () => send('heartbeat', { method: 'POST', headers: { ...OURS, ...JSON_TYPE, cookie }, body: BODY }),
      ask: () => send('session', { headers: { ...OURS, cookie } }),
    };
  }

  const users: CrowdUser[] = [];
  // All at once they would keep a busy machine for longer than a request may take.
  while (users.length < count) {
    const next = Math.min(SIGN_INS_AT_ONCE, count - users.length);
    users.push(...(await Promise.all(Array.from({ length: next }, signIn))));
  }
  return {
    ...bench,
    users,
    /** One more. */
    signIn,
    /** The routes of the beat and of the question what is left. */
    app,
    /** Another process takes over, which has not discovered the provider; `other`: what it sets. */
    restart(other: Partial<SessionServiceOptions> = {}): void {
      service = createSessionService({ ...bench.options, issuer: newIssuer(), ...other });
    },
  };
}

export type Crowd = Awaited<ReturnType<typeof signInCrowd>>;
