import { join } from 'node:path';
import { createKeepaliveApp, type OidcAppOptions } from '../../server/index.js';
import { developmentKey } from '../../server/serve/development-key.js';
import type { BeatCounts } from './beat-counter.js';
import { createDemoApp } from './demo-app.js';
import { startEmbeddedProvider } from './embedded-provider.js';
import { type Fetch, type Listening, listen } from './listen.js';
import { ALONE_CLIENT, KEPT_CLIENT, type ProviderControls } from './provider-controls.js';
import { DEMO_DEFAULTS, type DemoSettings } from './settings.js';
import { findVisitor } from './visitor.js';

export interface Demo {
  /** The origin that browsers open, without a slash at the end. */
  url: string;
  issuer: string;
  /** `null` where the provider is not the embedded one. */
  provider: ProviderControls | null;
  /** What the server answered, by session. */
  counters: BeatCounts;
  settings: DemoSettings;
  /** The site's own socket: a site that is stopped is a network that is gone. */
  site: Pick<Listening, 'stop' | 'start'>;
  close(): Promise<void>;
}

/** Goes around the whole site: sees every request and every answer, and may hold either. */
export type Around = (site: Fetch) => Fetch;

/**
 * Starts the demo: the site, its two sessions, and an OpenID provider unless `issuer` names
 * another. Ports may be 0.
 *
 * @example
 * const demo = await startDemo({ port: 0, dataDir: await mkdtemp(join(tmpdir(), 'demo-')) });
 * await page.goto(demo.url);
 * await demo.close();
 */
export async function startDemo(options: Partial<DemoSettings> = {}, around: Around = (fetch) => fetch): Promise<Demo> {
  const settings: DemoSettings = { ...DEMO_DEFAULTS, ...options };
  const site = await listen(settings.host, settings.port);
  // Everywhere is no address that a browser could open.
  const name = ['0.0.0.0', '::'].includes(settings.host) ? 'localhost' : settings.host;
  const url = settings.appOrigin ?? `http://${name}:${site.port}`;
  const opened: { close(): Promise<void> }[] = [site];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0)) await part.close();
  };
  try {
    const provider = settings.issuer === null ? await startEmbeddedProvider(settings, url) : null;
    if (provider) opened.push(provider);
    const issuer = provider?.issuer ?? settings.issuer ?? '';
    const clientSecret = provider ? provider.clientSecret : settings.clientSecret;
    const { dataDir } = settings;
    const keys = settings.keys ?? [developmentKey({ appOrigin: url, dataDir, production: false })];

    const appOptions = (client: string): OidcAppOptions => ({
      appOrigin: url,
      oidc: {
        issuer,
        clientId: provider ? client : settings.clientId,
        ...(clientSecret !== null && { clientSecret }),
        ...(!provider && settings.clientAuth),
        scope: settings.scope,
        authParams: settings.authParams,
      },
      keys,
      store: settings.store,
      dataDir: join(dataDir, client),
      redisUrl: settings.redisUrl,
      rateLimit: settings.rateLimit,
      trustedProxies: settings.trustedProxies,
      refreshAfter: settings.refreshAfterSeconds,
      refreshTokenIdle: settings.refreshTokenIdleSeconds,
      idleTimeout: settings.idleTimeoutSeconds,
      absoluteTimeout: settings.absoluteTimeoutSeconds,
      cookieLifetime: settings.cookieLifetime,
    });
    const kept = createKeepaliveApp(appOptions(KEPT_CLIENT));
    const alone = createKeepaliveApp({ ...appOptions(ALONE_CLIENT), name: 'alone' });
    opened.push(kept, alone);
    await Promise.all([kept.ready, alone.ready]);

    const { app, counts } = createDemoApp({
      settings,
      providerOrigin: () => new URL(issuer).origin,
      origin: () => url,
      kept,
      alone,
      provider,
      visitor: findVisitor(kept),
    });
    site.serve(around((request) => app.fetch(request)));
    return { url, issuer, provider, counters: counts, settings, site, close };
  } catch (error) {
    await close();
    throw error;
  }
}
