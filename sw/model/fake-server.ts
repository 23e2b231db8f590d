import type { AliveFacts } from '../../server/contract.js';
import type { Answer, RefreshRequest } from '../core/events.js';
import { failed, later, over } from './build-state.js';

/**
 * How the way to the server fails: `lost` means that the server acted and its answer did not
 * arrive.
 */
export const FAULTS = ['none', '429', '503', '503-known', '500', 'network', 'lost', 'portal', 'silence'] as const;
export type Fault = (typeof FAULTS)[number];

/** Seconds. */
export interface ServerSettings {
  idleLimit: number;
  nextBeatIn: number | null;
  retryAfter: number | null;
  /** Whether answers name the session and the user. */
  named: boolean;
}

interface Session {
  id: string;
  user: string;
  lastUserAt: number;
  endsAt: number;
  revoked: boolean;
}

/** The cookies of the browser: `secret` goes with requests only, `seen` is readable. */
export interface Jar {
  secret: string | null;
  seen: string | null;
}

const ABSOLUTE_LIMIT_MS = 8 * 3_600_000;

/** Holds sessions with an idle limit, on a clock of its own that nobody sets. */
export interface FakeServer {
  jar: Jar;
  fault: Fault;
  login(user: string, now: number): void;
  logout(): void;
  revoke(): void;
  isAlive(secret: string | null, now: number): boolean;
  /** `null` is silence. */
  handle(secret: string | null, request: RefreshRequest, now: number): Answer | null;
}

export function createFakeServer(settings: ServerSettings): FakeServer {
  const sessions = new Map<string, Session>();
  let count = 0;

  const whyOver = (session: Session | undefined, now: number) => {
    if (!session) return 'no_session';
    if (session.revoked) return 'revoked';
    if (now >= session.endsAt) return 'absolute_timeout';
    return now - session.lastUserAt >= settings.idleLimit * 1_000 ? 'idle_timeout' : null;
  };

  function factsOf(session: Session, now: number): AliveFacts {
    return {
      ...(settings.named && { sessionId: session.id, user: session.user }),
      accessTokenExpiresIn: 600,
      idleExpiresIn: Math.ceil((session.lastUserAt + settings.idleLimit * 1_000 - now) / 1_000),
      absoluteExpiresIn: Math.ceil((session.endsAt - now) / 1_000),
      nextBeatIn: settings.nextBeatIn,
      refreshed: true,
    };
  }

  function judge(secret: string | null, request: RefreshRequest, now: number): Answer {
    const session = sessions.get(secret ?? '');
    const reason = whyOver(session, now);
    if (reason || !session) {
      return over(reason, settings.named ? session?.id : undefined);
    }
    if (request.kind === 'beat' && request.activity === 'user') {
      session.lastUserAt = Math.max(session.lastUserAt, now - Math.max(0, request.idleMs));
    }
    return { kind: 'alive', code: 'ok', facts: factsOf(session, now), retryAfter: 0 };
  }

  const server: FakeServer = {
    jar: { secret: null, seen: null },
    fault: 'none',
    login(user, now) {
      count += 1;
      const session = { id: `s${count}`, user, lastUserAt: now, endsAt: now + ABSOLUTE_LIMIT_MS, revoked: false };
      const secret = `secret-${count}`;
      sessions.set(secret, session);
      server.jar = { secret, seen: session.id };
    },
    logout() {
      sessions.delete(server.jar.secret ?? '');
      server.jar = { secret: null, seen: null };
    },
    revoke() {
      const session = sessions.get(server.jar.secret ?? '');
      if (session) session.revoked = true;
    },
    isAlive: (secret, now) => whyOver(sessions.get(secret ?? ''), now) === null,
    handle(secret, request, now) {
      const retryAfter = (settings.retryAfter ?? 0) * 1_000;
      switch (server.fault) {
        case 'none':
          return judge(secret, request, now);
        case 'lost':
          judge(secret, request, now);
          return failed('network');
        case '503-known': {
          const judged = judge(secret, request, now);
          if (judged.kind !== 'alive') return judged;
          return later(retryAfter, judged.facts);
        }
        case '429':
        case '503':
          return later(retryAfter);
        case '500':
          return failed('http-500');
        case 'portal':
          return failed('html');
        case 'network':
          return failed('network');
        case 'silence':
          return null;
      }
    },
  };
  return server;
}
