import { Hono } from 'hono';
import type { ClientMetadata } from 'oidc-provider';
import { createKeepaliveApp, type OidcKeepaliveApp } from '../../app.js';
import type { Logger } from '../../observe/logger.js';
import type { OidcAppOptions, OidcOptions } from '../../options/app-options.js';
import { requireSession } from '../../require-session.js';
import { type Browser, createBrowser } from './browser.js';
import { type LoginProvider, startLoginProvider } from './login-provider.js';

/**
 * The application under test; nobody listens there, and its name differs from the provider's, or
 * SameSite mistakes would stay hidden.
 */
export const ORIGIN = 'http://localhost:3999';
export const KEY = Buffer.alloc(32, 1).toString('base64url');
/** Headers of a page of the application. */
export const OURS = { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'same-origin' };

export interface AppUnderTest {
  app: Hono;
  keepalive: OidcKeepaliveApp;
  provider: LoginProvider;
  /** Everything that was logged, as text. */
  log: string[];
  browser(): Browser;
  signIn(browser: Browser): Promise<void>;
  close(): Promise<void>;
}

function recordingLogger(log: string[]): Logger {
  const record = (facts: object, message: string): void => {
    log.push(`${message} ${JSON.stringify(facts)}`);
  };
  return { debug: record, info: record, warn: record, error: record };
}

/** An application with Stillhere under `/auth`, a guarded route, and a real provider. */
export async function startApp(
  options: Partial<OidcAppOptions> & {
    issuer?: string;
    refreshTokens?: boolean;
    accessTokenTtl?: number;
    metadata?: Record<string, unknown>;
    tokens?: Record<string, unknown>;
    client?: Partial<ClientMetadata>;
    /** Instead of the client's secret. */
    proof?: Partial<OidcOptions>;
  } = {},
): Promise<AppUnderTest> {
  const {
    issuer,
    refreshTokens = true,
    accessTokenTtl = 300,
    metadata = {},
    tokens = {},
    client = {},
    proof,
    ...given
  } = options;
  const provider = await startLoginProvider({
    redirectUri: `${ORIGIN}/auth/callback`,
    postLogoutRedirectUri: `${ORIGIN}/`,
    refreshTokens,
    accessTokenTtl,
    metadata,
    tokens,
    client,
  });
  const log: string[] = [];
  const { clientId, clientSecret } = provider;
  const keepalive = createKeepaliveApp({
    appOrigin: ORIGIN,
    oidc: { issuer: issuer ?? provider.issuer, clientId, ...(proof ?? { clientSecret }) },
    store: 'memory',
    keys: [KEY],
    logger: recordingLogger(log),
    ...given,
  });
  const app = new Hono();
  app.route('/auth', keepalive);
  app.all('/api/me', requireSession(keepalive), (context) => {
    const { user, subject, accessToken } = context.var.session;
    return context.json({ user, subject, hasToken: accessToken.length > 0 });
  });
  app.get('*', (context) => context.text('a page'));
  return {
    ...{ app, keepalive, provider, log },
    browser: () => createBrowser(app, ORIGIN),
    async signIn(browser) {
      const { url } = await browser.go('/auth/login');
      if (url !== `${ORIGIN}/`) throw new Error(`the login ended at ${url}`);
    },
    async close() {
      await keepalive.close();
      await provider.close();
    },
  };
}

/** Whether an address is where the provider sends the browser back to. */
export const isCallback = (url: string): boolean => url.startsWith(`${ORIGIN}/auth/callback`);

/** The names of the cookies that logins under way have left in a browser. */
export const loginCookies = (cookies: Map<string, string>): string[] =>
  [...cookies.keys()].filter((name) => name.includes('-login-'));
