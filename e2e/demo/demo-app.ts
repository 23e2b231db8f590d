import { Hono } from 'hono';
import { countBeats } from './beat-counter.js';
import { type ControlParts, controlRoutes } from './control-routes.js';
import { pageRoutes } from './page-routes.js';
import { securityHeaders } from './security-headers.js';
import type { DemoSettings } from './settings.js';
import { workerVersions } from './worker-versions.js';

export interface DemoAppParts extends Omit<ControlParts, 'counts' | 'replaceWorker'> {
  settings: DemoSettings;
  providerOrigin(): string;
  /** The session that Stillhere keeps, mounted at `/auth`. */
  kept: Hono;
  /** The same for a session that nobody keeps, mounted at `/alone`. */
  alone: Hono;
}

/** The whole site of the demo as one Hono app. */
export function createDemoApp(parts: DemoAppParts): { app: Hono; counts: ControlParts['counts'] } {
  const { counts, middleware } = countBeats();
  const worker = workerVersions();
  const app = new Hono();
  app.use(securityHeaders(parts.providerOrigin));
  app.use('/auth/*', middleware);
  app.use('/alone/*', middleware);
  app.use('/auth/stillhere-sw.js', worker.middleware);
  app.route('/auth', parts.kept);
  app.route('/alone', parts.alone);
  app.route('/demo', controlRoutes({ ...parts, counts, replaceWorker: worker.replace }));
  app.route('/', pageRoutes(parts.settings));
  app.notFound((c) => c.text('There is no such page.', 404));
  return { app, counts };
}
