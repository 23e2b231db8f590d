/**
 * The session that nobody keeps, as its server tells it. Instants are milliseconds since the epoch.
 */
export interface AloneSession {
  status: 'unknown' | 'active' | 'expired' | 'signed-out';
  /** Its public id. */
  id: string | null;
  reason: string | null;
  endsAt: number | null;
  absoluteAt: number | null;
  tokenAt: number | null;
}

/** Timers are 32 bits wide: a longer one would fire at once, and for ever. */
const LONGEST_TIMER = 2 ** 31 - 1;

const after = (seconds: unknown, sentAt: number): number | null =>
  typeof seconds === 'number' ? sentAt + seconds * 1000 : null;

/** Asks what is left of it. The question extends nothing. `null` where nobody answered. */
async function ask(): Promise<AloneSession | null> {
  const sentAt = Date.now();
  try {
    const response = await fetch('/alone/session', { headers: { Accept: 'application/json', 'X-Stillhere': '1' } });
    const body = (await response.json()) as Record<string, unknown>;
    const id = typeof body.sessionId === 'string' ? body.sessionId : null;
    if (response.ok) {
      return {
        status: 'active',
        id,
        reason: null,
        endsAt: after(body.idleExpiresIn, sentAt),
        absoluteAt: after(body.absoluteExpiresIn, sentAt),
        tokenAt: after(body.accessTokenExpiresIn, sentAt),
      };
    }
    if (response.status !== 401) return null;
    const reason = typeof body.reason === 'string' ? body.reason : null;
    return {
      status: reason === 'no_session' ? 'signed-out' : 'expired',
      id,
      reason,
      endsAt: null,
      absoluteAt: null,
      tokenAt: null,
    };
  } catch {
    return null;
  }
}

/** Watches it: asks at the start and again when its end should have come, not in between. */
export function watchAloneSession(onEnd: (session: AloneSession) => void): {
  current(): AloneSession;
  look(): Promise<void>;
} {
  let session: AloneSession = {
    status: 'unknown',
    id: null,
    reason: null,
    endsAt: null,
    absoluteAt: null,
    tokenAt: null,
  };
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(): Promise<void> {
    clearTimeout(timer);
    const answer = await ask();
    const before = session;
    if (answer) session = answer;
    if (session.status === 'expired' && before.status === 'active') onEnd(session);
    if (answer && answer.status !== 'active') return;
    const wait = answer?.endsAt ? answer.endsAt - Date.now() + 300 : 2000;
    timer = setTimeout(() => void look(), Math.min(LONGEST_TIMER, Math.max(500, wait)));
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look();
  });
  return { current: () => session, look };
}
