import { randomBytes } from 'node:crypto';
import type { AdapterFactory, ClientMetadata, Configuration, JWK } from 'oidc-provider';
import { ALONE_CLIENT, KEPT_CLIENT } from './provider-controls.js';
import { providerPolicy, signOutPage } from './provider-page.js';
import type { DemoSettings } from './settings.js';

const SCOPES = ['openid', 'offline_access'];
const HOUR_SECONDS = 3600;

export interface ConfigurationParts {
  settings: DemoSettings;
  appOrigin: string;
  clientSecret: string;
  signingKey: JWK;
  /** Where the provider keeps what it issues. */
  adapter: AdapterFactory;
}

/** The embedded provider's configuration: refresh tokens rotate, and each lives as long as it may idle. */
export function oidcConfiguration({
  settings,
  appOrigin,
  clientSecret,
  signingKey,
  adapter,
}: ConfigurationParts): Configuration {
  const client = (id: string, mount: string): ClientMetadata => ({
    client_id: id,
    client_secret: clientSecret,
    redirect_uris: [`${appOrigin}${mount}/callback`],
    post_logout_redirect_uris: [`${appOrigin}/`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  });
  return {
    adapter,
    clients: [client(KEPT_CLIENT, '/auth'), client(ALONE_CLIENT, '/alone')],
    jwks: { keys: [{ ...signingKey, kid: 'demo', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: SCOPES,
    rotateRefreshToken: true,
    issueRefreshToken: () => Promise.resolve(true),
    pkce: { required: () => true },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_, asking, token) => token.clientId === asking.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(context, form) {
          context.set('Content-Security-Policy', providerPolicy(appOrigin));
          context.body = signOutPage(form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>'));
        },
      },
    },
    // Nobody is asked for consent: both clients belong to the application that the visitor came from.
    async loadExistingGrant({ oidc }) {
      const { client: asking, session, provider } = oidc;
      if (!asking || !session?.accountId) return undefined;
      const known = session.grantIdFor(asking.clientId);
      const existing = known ? await provider.Grant.find(known) : undefined;
      if (existing) return existing;
      const grant = new provider.Grant({ clientId: asking.clientId, accountId: session.accountId });
      grant.addOIDCScope(SCOPES.join(' '));
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: settings.accessTokenTtlSeconds,
      RefreshToken: settings.refreshTokenIdleSeconds,
      IdToken: HOUR_SECONDS,
      Interaction: HOUR_SECONDS,
      Session: 24 * HOUR_SECONDS,
      Grant: 24 * HOUR_SECONDS,
    },
  };
}
