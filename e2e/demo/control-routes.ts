import { Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import type { BeatCounts } from './beat-counter.js';
import { KEPT_CLIENT, type ProviderControls } from './provider-controls.js';

const MOST_BYTES = 64 * 1024;

export interface ControlParts {
  origin(): string;
  /** `null` where the provider is somebody else's. */
  provider: ProviderControls | null;
  counts: BeatCounts;
  replaceWorker(): void;
  /** The visitor's name, or the answer that refuses the request. */
  visitor(request: Request): Promise<string | Response>;
}

/**
 * The switches behind the demo's buttons, and what its pages show of the server. They break things
 * for everybody who uses this demo, so they exist in the demo only: nothing in `server/` knows
 * them, and those of the provider are not there where the provider is somebody else's.
 */
export function controlRoutes({ origin, provider, counts, replaceWorker, visitor }: ControlParts): Hono {
  const app = new Hono();

  // A header that no cross-site page can send without a preflight, and the browser's own word on
  // who asks.
  app.use(async function sameOriginOnly(c, next) {
    if (c.req.method === 'GET') return next();
    const site = c.req.header('Sec-Fetch-Site');
    const isSame = site === undefined ? c.req.header('Origin') === origin() : site === 'same-origin';
    if (!isSame || c.req.header('X-Stillhere-Demo') !== '1') return c.text('Only the demo itself may do this.', 403);
    return next();
  });

  app.get('/me', async (c) => {
    const name = await visitor(c.req.raw.clone());
    c.header('Cache-Control', 'no-store');
    return typeof name === 'string' ? c.json({ name }) : name;
  });

  app.get('/status', (c) => {
    const ids = { kept: getCookie(c, 'stillhere-session') ?? '', alone: getCookie(c, 'stillhere-session-alone') ?? '' };
    const count = (numbers: Map<string, number>) => ({
      kept: numbers.get(ids.kept) ?? 0,
      alone: numbers.get(ids.alone) ?? 0,
    });
    c.header('Cache-Control', 'no-store');
    return c.json({
      provider: provider?.state ?? { running: true, busy: false },
      beats: count(counts.beats),
      grants: count(counts.refreshes),
    });
  });

  app.post('/worker/replace', (c) => {
    replaceWorker();
    return c.body(null, 204);
  });

  app.post('/applications', async (c) => {
    const name = await visitor(c.req.raw.clone());
    if (typeof name !== 'string') return name;
    const text = await c.req.text();
    if (text.length > MOST_BYTES) return c.text('Too long.', 413);
    return c.json({ received: text.length }, 201);
  });

  if (provider) {
    const switches: Record<string, () => Promise<void> | void> = {
      '/provider/stop': () => provider.stop(),
      '/provider/start': () => provider.start(),
      '/provider/busy': () => provider.setFault('busy'),
      '/provider/calm': () => provider.setFault('none'),
      '/revoke': () => provider.revoke(KEPT_CLIENT),
    };
    for (const [path, press] of Object.entries(switches)) {
      app.post(path, async (c) => {
        await press();
        return c.body(null, 204);
      });
    }
  }
  return app;
}
