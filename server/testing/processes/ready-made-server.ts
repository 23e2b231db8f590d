import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startProvider, type TestProvider } from '../../dev-provider/provider.js';
import { type Browser, createBrowser } from '../app/browser.js';
import { type Front, startFront } from './front.js';
import { prepareServe, type Serve, type ServeProcess } from './serve-process.js';

const OURS = { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'same-origin' };
const BEAT = { method: 'POST', headers: { ...OURS, 'Content-Type': 'application/json' } };
/** What the provider knows the application by, and what seals its sessions. */
export const CLIENT_SECRET = randomBytes(24).toString('base64url');
export const KEY = randomBytes(32).toString('base64url');
/** How it proves who it is as `app-by-key`. */
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const CLIENT_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A grant is due 0.7 s after the last, and a refused one waits for its Retry-After. */
export const PATIENCE = { timeout: 15_000 };

/**
 * The ready-made server as a process, behind a front, with a provider whose tokens live for a
 * second: for the tests of the file that asks.
 */
export function useReadyMadeServer() {
  let serve: Serve;
  let front: Front;
  let provider: TestProvider;
  let folders = 0;
  /** Everything that the provider issued and browsers carried: nothing of it may be printed. */
  const secrets = new Set<string>([CLIENT_SECRET, KEY]);

  beforeAll(async () => {
    [serve, front] = await Promise.all([prepareServe(), startFront()]);
    const client = (client_id: string, more: object) => ({
      client_id,
      client_secret: CLIENT_SECRET,
      redirect_uris: [`${front.origin}/auth/callback`],
      post_logout_redirect_uris: [`${front.origin}/`],
      grant_types: ['authorization_code', 'refresh_token'],
      backchannel_logout_uri: `${front.origin}/auth/backchannel-logout`,
      ...more,
    });
    provider = await startProvider({
      ttl: { accessToken: 1 },
      clients: [
        client('app', { backchannel_logout_session_required: true }),
        client('app-without-sid', {}),
        client('app-by-key', {
          ...{ token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256' },
          jwks: { keys: [publicKey.export({ format: 'jwk' })] },
        }),
      ],
    });
    const keep = ({ jti }: { jti: string }): unknown => secrets.add(jti);
    provider.provider.on('access_token.saved', keep);
    provider.provider.on('refresh_token.saved', keep);
    provider.provider.on('authorization_code.saved', keep);
  });
  afterEach(() => provider.fault('pass'));
  afterAll(async () => {
    serve?.cleanUp();
    await front?.close();
    await provider?.close();
  });

  const newFolder = (): string => join(serve.folder, `data-${folders++}`);

  /** The ready-made server behind the front, ready to answer. */
  async function startServer(DATA_DIR: string, more: Record<string, string> = {}): Promise<ServeProcess> {
    const server = serve.start({
      ...{ PORT: '0', APP_ORIGIN: front.origin, OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'app' },
      ...{ OIDC_CLIENT_SECRET: CLIENT_SECRET, OIDC_AUTH_PARAMS: 'prompt=consent', SESSION_KEYS: KEY },
      ...{ DATA_DIR, RATE_LIMIT: '10000', LOG_LEVEL: 'trace', ...more },
    });
    front.passTo((await server.logged('listening')).address);
    return server;
  }

  const newBrowser = (): Browser => createBrowser({ request: (url, init) => fetch(url, init) }, front.origin);

  /** Signs in at the provider's own page, as a person would. */
  async function signIn(browser: Browser, name = 'ada'): Promise<void> {
    const page = await browser.go('/auth/login?returnTo=/healthz');
    const { searchParams } = new URL(page.path[1] ?? '');
    for (const part of ['state', 'nonce']) secrets.add(searchParams.get(part) ?? '-');
    for (const [cookie, value] of browser.cookies()) if (cookie.includes('-login-')) secrets.add(value);
    const answer = await browser.send(page.url, { method: 'POST', body: new URLSearchParams({ login: name }) });
    const { url } = await browser.go(answer.headers.get('location') ?? '');
    if (url !== `${front.origin}/healthz`) throw new Error(`the sign-in ended at ${url}`);
    secrets.add(browser.cookies().get('stillhere') ?? '-');
  }

  const beat = (browser: Browser): Promise<Response> => browser.send('/auth/heartbeat', BEAT);

  /** Beats until one of them asked the provider; its answer. */
  async function beatUntilRefreshed(browser: Browser): Promise<void> {
    await expect
      .poll(async () => {
        const response = await beat(browser);
        const { refreshed, reason } = (await response.json()) as { refreshed?: boolean; reason?: string };
        return response.status === 200 ? refreshed : reason;
      }, PATIENCE)
      .toBe(true);
  }

  function expectNoSecretIn(text: string): void {
    expect(text.length).toBeGreaterThan(100);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(text).not.toContain(secret);
    }
    // ID tokens, logout tokens and what we seal all begin so.
    expect(text).not.toMatch(/eyJ/);
  }

  return {
    /** Where browsers see it. */
    origin: () => front.origin,
    /** What is behind the front from now on. */
    passTo: (address: unknown) => front.passTo(address),
    provider: () => provider,
    secrets,
    newFolder,
    startServer,
    newBrowser,
    signIn,
    beat,
    beatUntilRefreshed,
    expectNoSecretIn,
  };
}
