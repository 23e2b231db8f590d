import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type ClientMetadata, Provider } from 'oidc-provider';
import { answerWithFault, type TokenFault } from '../../dev-provider/token-fault.js';

const CLIENT_ID = 'app';
const CLIENT_SECRET = 'a-secret-of-the-tests';

/** What goes wrong at the token endpoint before the provider has seen the request. */
type UnforwardedFault = Extract<TokenFault, 'pass' | 'hang' | 'drop-before' | 'html' | { status: number }>;

const neverForward = () => Promise.reject(new Error('Such a fault asks no provider'));

/**
 * A real OpenID provider on loopback that signs everybody in without asking, as `ada` at first, for
 * tests of logins. It signs logout tokens with its own key, as a back-channel logout would.
 */
export async function startLoginProvider(options: {
  redirectUri: string;
  postLogoutRedirectUri: string;
  refreshTokens?: boolean;
  accessTokenTtl?: number;
  /** What the provider's metadata say instead of the truth. */
  metadata?: Record<string, unknown>;
  /** Further members of its token answers. */
  tokens?: Record<string, unknown>;
  /** What its client is registered with, instead of the usual. */
  client?: Partial<ClientMetadata>;
}) {
  let account = 'ada';
  let handle: ReturnType<Provider['callback']> | null = null;
  let fault: UnforwardedFault = 'pass';
  const paths: string[] = [];
  const answers: [path: string, status: number, byHeader: boolean][] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    paths.push(path);
    response.once('finish', () => answers.push([path, response.statusCode, 'authorization' in request.headers]));
    if (path === '/token' && fault !== 'pass') void answerWithFault(fault, request, response, neverForward);
    else handle?.(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [options.redirectUri],
        post_logout_redirect_uris: [options.postLogoutRedirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        ...options.client,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'login', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['cookie key of the tests'] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: async () => options.refreshTokens !== false,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      if (!client || !session?.accountId) return undefined;
      // As providers do: two logins of one provider session share a grant, and a revocation takes
      // all of it.
      const id = session.grantIdFor(client.clientId);
      const known = id ? await context.oidc.provider.Grant.find(id) : undefined;
      if (known) return known;
      const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid offline_access');
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: options.accessTokenTtl ?? 300,
      RefreshToken: 3600,
      IdToken: 300,
      Session: 3600,
      Grant: 3600,
      Interaction: 600,
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.oidc?.route === 'discovery') Object.assign(context.body, options.metadata);
    if (context.oidc?.route === 'token' && context.status === 200) Object.assign(context.body, options.tokens);
  });
  const answer = provider.callback();
  handle = async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response);
    return provider.interactionFinished(request, response, { login: { accountId: account } });
  };

  return {
    issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    /** The path of every request that arrived. */
    paths,
    /** The status that each was answered with, and if it had the header `Authorization`. */
    answers,
    /** Who signs in from now on, in browsers that are new to the provider. */
    nextAccount(name: string): void {
      account = name;
    },
    /** What every request to the token endpoint meets from now on. */
    fault(next: UnforwardedFault): void {
      fault = next;
    },
    /**
     * A logout token (OpenID Connect Back-Channel Logout section 2.4); `claims` and `header`
     * override what a right one has.
     */
    logoutToken(claims: JWTPayload, header: { typ?: string } = {}): Promise<string> {
      return new SignJWT({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'login', typ: 'logout+jwt', ...header })
        .sign(privateKey);
    },
    async close(): Promise<void> {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export type LoginProvider = Awaited<ReturnType<typeof startLoginProvider>>;
