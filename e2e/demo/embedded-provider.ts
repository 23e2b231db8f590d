import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import { startProvider, type TokenFault as TokenAnswer } from '../../server/dev-provider/provider.js';
import { ALONE_CLIENT, KEPT_CLIENT, type ProviderControls, type TokenFault } from './provider-controls.js';
import { providerPolicy, signInPage, signOutPage } from './provider-page.js';
import type { DemoSettings } from './settings.js';

const SCOPES = ['openid', 'offline_access'];
const HOUR_SECONDS = 3600;
const BUSY: TokenAnswer = { status: 429, headers: { 'retry-after': '5' }, body: 'Too many requests.' };
const FAILING: TokenAnswer = { status: 500, body: 'Broken.' };

/**
 * A real OpenID provider for the demo, on 127.0.0.1 while the site is on localhost: two sites to a
 * browser, as in the world outside. It keeps everything in memory; refresh tokens rotate, and each
 * lives as long as it may idle.
 */
export async function startEmbeddedProvider(
  settings: DemoSettings,
  appOrigin: string,
): Promise<ProviderControls & { clientSecret: string }> {
  const clientSecret = randomBytes(24).toString('base64url');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const client = (id: string, mount: string): ClientMetadata => ({
    client_id: id,
    client_secret: clientSecret,
    redirect_uris: [`${appOrigin}${mount}/callback`],
    post_logout_redirect_uris: [`${appOrigin}/`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  });
  const policy = providerPolicy(appOrigin);
  const provider = await startProvider({
    port: settings.providerPort,
    clients: [client(KEPT_CLIENT, '/auth'), client(ALONE_CLIENT, '/alone')],
    ttl: {
      accessToken: settings.accessTokenTtlSeconds,
      refreshToken: settings.refreshTokenIdleSeconds,
      session: 24 * HOUR_SECONDS,
    },
    loginPage: signInPage,
    loginPolicy: policy,
    // It has to start again where it came from.
    lostLogin: `${appOrigin}/`,
    configuration: {
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'demo', use: 'sig', alg: 'RS256' }] },
      scopes: SCOPES,
      pkce: { required: () => true },
      features: {
        rpInitiatedLogout: {
          enabled: true,
          logoutSource(context, form) {
            context.set('Content-Security-Policy', policy);
            context.body = signOutPage(
              form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>'),
            );
          },
        },
      },
    },
  });

  const state = { running: true, busy: false };
  /** Until the fault changes. */
  let hold: Promise<void> = Promise.resolve();
  let release = (): void => undefined;
  /** What the token endpoint does, in the words of the provider. */
  function answerOf(fault: TokenFault): TokenAnswer {
    if (fault === 'busy') return BUSY;
    if (fault === 'failing') return FAILING;
    if (fault === 'hanging') return 'hang';
    return fault === 'held' ? { hold } : 'pass';
  }

  return {
    issuer: provider.issuer,
    clientSecret,
    state,
    async start() {
      await provider.start();
      state.running = true;
    },
    async stop() {
      state.running = false;
      await provider.stop();
    },
    setFault(fault) {
      release();
      hold = new Promise((resolve) => {
        release = resolve;
      });
      state.busy = fault === 'busy';
      provider.fault(typeof fault === 'function' ? async () => answerOf(await fault()) : answerOf(fault));
    },
    revoke: provider.revoke,
    grants: provider.grantedAt,
    tokenRequests: provider.calledAt,
    close: provider.close,
  };
}
