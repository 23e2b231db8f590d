import { Hono } from 'hono';
import { requireSession, type SessionGuardSource, type SessionVariables } from '../../server/index.js';

/** Asks who sends a request, like a route of the application itself: through `requireSession()`. */
export function findVisitor(keepalive: SessionGuardSource): (request: Request) => Promise<string | Response> {
  const guard = new Hono<SessionVariables>();
  guard.use(requireSession(keepalive));
  guard.all('*', (c) => c.text(c.var.session.subject));
  return async (request) => {
    const response = await guard.fetch(request);
    return response.ok ? response.text() : response;
  };
}
