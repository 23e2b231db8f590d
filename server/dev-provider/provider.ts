import { randomBytes } from 'node:crypto';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type ClientMetadata, type Configuration, Provider } from 'oidc-provider';
import { createProviderMemory } from './provider-adapter.js';
import { createSignIn, type SignIn } from './sign-in.js';
import { answerWithFault, type TokenFault, type UpstreamAnswer } from './token-fault.js';

export type { TokenFault } from './token-fault.js';

export interface TestProviderOptions {
  /** Default 0: a free port. */
  port?: number;
  /**
   * Default: one confidential client `app`, secret `secret`, redirecting to
   * `http://127.0.0.1/callback`.
   */
  clients?: ClientMetadata[];
  /** Lifetimes in seconds. Defaults 60, 3600, 3600, 3600. */
  ttl?: { accessToken?: number; refreshToken?: number; idToken?: number; session?: number };
  /**
   * Whether each refresh rotates the refresh token. Default `true`; a reused one then revokes the
   * whole grant.
   */
  rotate?: boolean;
  /** For how many seconds a refresh token that was used is taken again. Default 0. */
  reuseGrace?: number;
  /**
   * HTML of the sign-in page: a form that posts the field `login` to `action`. Any name signs in.
   */
  loginPage?: (action: string) => string;
  /** Content-Security-Policy of that page. Default: none. */
  loginPolicy?: string;
  /**
   * Where a browser goes whose sign-in is too old, or was finished in another tab. Default: an
   * error.
   */
  lostLogin?: string;
  /** What its configuration has besides, or instead. */
  configuration?: Configuration;
}

export interface TokenCalls {
  refresh: number;
  code: number;
}

/** The same fault for every refresh, or what is decided for each by its refresh token. */
export type Faults = TokenFault | ((refreshToken: string) => TokenFault | Promise<TokenFault>);

export interface TestProvider {
  readonly issuer: string;
  readonly port: number;
  readonly provider: Provider;
  readonly clients: readonly ClientMetadata[];
  /**
   * Applies to refreshes, the next `times` of them (default: until changed), then they pass again.
   */
  fault(fault: Faults, times?: number): void;
  /** Applies to all requests, those for the metadata among them, until changed. */
  faultEverywhere(fault: TokenFault): void;
  /** Requests that arrived at the token endpoint, answered or not. */
  calls(clientId?: string): TokenCalls;
  /** When they arrived. Instants are milliseconds since the epoch. */
  readonly calledAt: readonly number[];
  /** Refreshes that the provider granted. */
  grants(clientId?: string): number;
  /** When it granted them. */
  grantedAt(clientId?: string): number[];
  /** Drops grants and tokens, of one client or of all. */
  revoke(clientId?: string): void;
  /** Signs a user in over HTTP by authorization code and PKCE. */
  signIn(name?: string, clientId?: string): Promise<SignIn>;
  /** Refuses connections until `start`, on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_CLIENT: ClientMetadata = {
  client_id: 'app',
  client_secret: 'secret',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
};

const NO_DISPATCHER: object = { dispatcher: undefined };

const MOST_LOGIN_LETTERS = 60;

const plainPage = (action: string): string =>
  `<!doctype html><html lang="en"><title>Sign in</title><form method="post" action="${action}">
<label>Name <input name="login" required autofocus></label> <button>Sign in</button></form></html>`;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });

const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Asks the provider itself, behind the switch. */
function forwardTo(port: number, request: IncomingMessage, body: Buffer): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const { method, url, headers } = request;
    const upstream = httpRequest({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      bodyOf(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: text }),
        reject,
      );
    });
    upstream.on('error', reject);
    upstream.end(body);
  });
}

function clientIdOf(request: IncomingMessage, body: URLSearchParams): string {
  const basic = request.headers.authorization?.match(/^Basic (.+)$/i)?.[1];
  const user = basic ? Buffer.from(basic, 'base64').toString().split(':')[0] : undefined;
  return user === undefined ? (body.get('client_id') ?? '') : decodeURIComponent(user);
}

/**
 * Starts a real OpenID provider on the loopback address, whose token endpoint can be made to fail.
 */
export async function startProvider(options: TestProviderOptions = {}): Promise<TestProvider> {
  const { ttl = {}, rotate = true, reuseGrace = 0, loginPage = plainPage, loginPolicy, lostLogin } = options;
  const { features, ...configuration } = options.configuration ?? {};
  const clients = options.clients ?? [DEFAULT_CLIENT];
  const memory = createProviderMemory({ reuseGrace });
  let handler: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const newFront = () => createServer((request, response) => handler(request, response));
  let front = newFront();
  const port = await listen(front, options.port ?? 0);
  const issuer = `http://127.0.0.1:${port}`;

  const provider = new Provider(issuer, {
    clients,
    adapter: memory.adapter,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => false },
    ttl: {
      AccessToken: ttl.accessToken ?? 60,
      RefreshToken: ttl.refreshToken ?? 3600,
      IdToken: ttl.idToken ?? 3600,
      Session: ttl.session ?? 3600,
      ...{ AuthorizationCode: 60, Grant: 86_400, Interaction: 3600 },
    },
    rotateRefreshToken: rotate,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    findAccount: async (_ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_, asking, token) => token.clientId === asking.clientId },
      backchannelLogout: { enabled: true },
      ...features,
    },
    // Its own dispatcher refuses the loopback address, where back-channel logouts of tests go.
    fetch: (url, init) => fetch(url, { ...init, ...NO_DISPATCHER }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    async loadExistingGrant(ctx) {
      const { client, session, result } = ctx.oidc;
      if (!client || !session) return undefined;
      const grantId = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
      const known = grantId ? await provider.Grant.find(grantId) : undefined;
      return known ?? grantFor(client.clientId, session.accountId ?? '');
    },
    ...configuration,
  });

  async function grantFor(clientId: string, accountId: string) {
    const grant = new provider.Grant({ clientId, accountId });
    grant.addOIDCScope('openid offline_access profile email');
    await grant.save();
    return grant;
  }

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (prompt.name === 'consent') {
      const grant = await grantFor(String(params.client_id), session?.accountId ?? '');
      return provider.interactionFinished(
        request,
        response,
        { consent: { grantId: grant.jti } },
        { mergeWithLastSubmission: true },
      );
    }
    const form = request.method === 'POST' ? new URLSearchParams((await bodyOf(request)).toString()) : null;
    const login = form?.get('login')?.trim().slice(0, MOST_LOGIN_LETTERS);
    if (login) return provider.interactionFinished(request, response, { login: { accountId: login } });
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...(loginPolicy !== undefined && { 'content-security-policy': loginPolicy }),
    });
    response.end(loginPage(request.url ?? ''));
  }

  const inner = createServer(provider.callback());
  const innerPort = await listen(inner, 0);
  let current: Faults = 'pass';
  let left = Number.POSITIVE_INFINITY;
  const asked: { kind: keyof TokenCalls; clientId: string }[] = [];
  const calledAt: number[] = [];
  const granted: { at: number; clientId: string }[] = [];
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.params?.grant_type === 'refresh_token')
      granted.push({ at: Date.now(), clientId: oidc.client?.clientId ?? '' });
  });

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const form = new URLSearchParams(body.toString());
    const forward = () => forwardTo(innerPort, request, body);
    const kind = form.get('grant_type') === 'refresh_token' ? 'refresh' : 'code';
    asked.push({ kind, clientId: clientIdOf(request, form) });
    calledAt.push(Date.now());
    let fault: TokenFault = 'pass';
    if (kind === 'refresh' && left > 0) {
      left -= 1;
      fault = typeof current === 'function' ? await current(form.get('refresh_token') ?? '') : current;
    }
    await answerWithFault(fault, request, response, forward);
  }

  const pass = provider.callback();
  let everywhere: TokenFault = 'pass';
  handler = (request, response) => {
    if (everywhere !== 'pass') {
      const forward = async () => forwardTo(innerPort, request, await bodyOf(request));
      void answerWithFault(everywhere, request, response, forward);
      return;
    }
    const path = (request.url ?? '').split('?')[0] ?? '';
    const work = path === '/token' ? token : path.startsWith('/interaction/') ? interact : null;
    if (!work) return void pass(request, response);
    work(request, response).catch(() => {
      const isLost = work === interact && lostLogin !== undefined;
      if (!response.headersSent) response.writeHead(isLost ? 303 : 500, isLost ? { location: lostLogin } : {});
      response.end();
    });
  };

  const of = <T extends { clientId: string }>(all: readonly T[], clientId?: string): T[] =>
    all.filter((one) => clientId === undefined || one.clientId === clientId);
  return {
    issuer,
    port,
    provider,
    clients,
    fault(fault, times = Number.POSITIVE_INFINITY) {
      current = fault;
      left = times;
    },
    faultEverywhere(fault) {
      everywhere = fault;
    },
    calls(clientId) {
      const count = (wanted: keyof TokenCalls) => of(asked, clientId).filter(({ kind }) => kind === wanted).length;
      return { refresh: count('refresh'), code: count('code') };
    },
    calledAt,
    grants: (clientId) => of(granted, clientId).length,
    grantedAt: (clientId) => of(granted, clientId).map(({ at }) => at),
    revoke: memory.revoke,
    signIn: createSignIn(issuer, clients),
    stop: () => shut(front),
    async start() {
      if (front.listening) return;
      front = newFront();
      await listen(front, port);
    },
    async close() {
      await shut(front);
      await shut(inner);
    },
  };
}
