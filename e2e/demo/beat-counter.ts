import type { MiddlewareHandler } from 'hono';

/** What the server has answered, by public session id. */
export interface BeatCounts {
  /** Beats answered, whatever the answer. */
  beats: Map<string, number>;
  /** Beats that made a grant at the provider. */
  refreshes: Map<string, number>;
  /** All `POST heartbeat` that arrived, with and without a session. */
  total: number;
  /** All `GET session` that arrived. */
  checks: number;
}

const more = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/**
 * Counts beats and checks from their answers: what the server really did, not what a page believes.
 */
export function countBeats(): { counts: BeatCounts; middleware: MiddlewareHandler } {
  const counts: BeatCounts = { beats: new Map(), refreshes: new Map(), total: 0, checks: 0 };
  return {
    counts,
    middleware: async function countBeat(c, next) {
      await next();
      if (c.req.path.endsWith('/session')) counts.checks += 1;
      if (!c.req.path.endsWith('/heartbeat') || c.req.method !== 'POST') return;
      counts.total += 1;
      const body: unknown = await c.res
        .clone()
        .json()
        .catch(() => null);
      if (typeof body !== 'object' || body === null) return;
      const { sessionId, refreshed } = body as { sessionId?: unknown; refreshed?: unknown };
      if (typeof sessionId !== 'string') return;
      more(counts.beats, sessionId);
      if (refreshed === true) more(counts.refreshes, sessionId);
    },
  };
}
