import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { createProviderMemory } from '../../server/testing/provider-adapter.js';
import { oidcConfiguration } from './oidc-configuration.js';
import type { ProviderControls, TokenFault } from './provider-controls.js';
import { providerPolicy, signInPage } from './provider-page.js';
import type { DemoSettings } from './settings.js';

const HOST = '127.0.0.1';
const BUSY_SECONDS = 5;
const MOST_BYTES = 4096;

async function readLogin(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > MOST_BYTES) break;
  }
  return (new URLSearchParams(body).get('login') ?? '').trim().slice(0, 60);
}

/**
 * A real OpenID provider for the demo, on 127.0.0.1 while the site is on localhost: two sites to a browser, as in the world outside. It
 * keeps everything in memory.
 */
export async function startEmbeddedProvider(
  settings: DemoSettings,
  appOrigin: string,
): Promise<ProviderControls & { clientSecret: string }> {
  const state = { running: false, busy: false };
  let faultOf: () => TokenFault | Promise<TokenFault> = () => 'none';
  const memory = createProviderMemory();
  const refreshes = new Map<string, number[]>();
  const tokenRequests: number[] = [];
  let held: (() => void)[] = [];
  const clientSecret = randomBytes(24).toString('base64url');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined;
  let port = settings.providerPort;

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = await faultOf();
    if (fault === 'none') answer(request, response);
    else if (fault === 'held') held.push(() => answer(request, response));
    else if (fault === 'failing') response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Broken.');
    else if (fault === 'busy') {
      response
        .writeHead(429, { 'Retry-After': String(BUSY_SECONDS), 'Content-Type': 'text/plain' })
        .end('Too many requests.');
    }
    // A hanging one answers nothing, and is given up by those who ask.
  }

  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/token')) return void answer(request, response);
    tokenRequests.push(Date.now());
    void token(request, response);
  });

  async function start(): Promise<void> {
    if (state.running) return;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, () => {
        server.off('error', reject);
        resolve();
      });
    });
    port = (server.address() as AddressInfo).port;
    state.running = true;
  }

  async function stop(): Promise<void> {
    if (!state.running) return;
    state.running = false;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  await start();
  const issuer = `http://${HOST}:${port}`;
  const provider = new Provider(
    issuer,
    oidcConfiguration({
      settings,
      appOrigin,
      clientSecret,
      signingKey: privateKey.export({ format: 'jwk' }),
      adapter: memory.adapter,
    }),
  );
  provider.on('grant.success', ({ oidc }) => {
    const id = oidc.client?.clientId ?? '';
    if (oidc.params?.grant_type === 'refresh_token') refreshes.set(id, [...(refreshes.get(id) ?? []), Date.now()]);
  });

  const handle = provider.callback();
  const policy = providerPolicy(appOrigin);
  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { uid } = await provider.interactionDetails(request, response);
      const login = request.method === 'POST' ? await readLogin(request) : '';
      if (login) {
        await provider.interactionFinished(request, response, { login: { accountId: login } });
        return;
      }
      response
        .writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          'Cache-Control': 'no-store',
          'Content-Security-Policy': policy,
        })
        .end(signInPage(`/interaction/${uid}`));
    } catch {
      // A sign-in that is too old, or was finished in another tab: it has to start again where it came from.
      response.writeHead(303, { Location: `${appOrigin}/` }).end();
    }
  }
  answer = (request, response) =>
    request.url?.startsWith('/interaction/') ? interact(request, response) : handle(request, response);

  return {
    issuer,
    clientSecret,
    state,
    start,
    stop,
    setFault(next) {
      faultOf = typeof next === 'function' ? next : () => next;
      state.busy = next === 'busy';
      if (next === 'held') return;
      for (const go of held) go();
      held = [];
    },
    revoke: memory.revoke,
    grants: (clientId) => refreshes.get(clientId) ?? [],
    tokenRequests,
    close: stop,
  };
}
