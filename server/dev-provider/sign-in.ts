import { createHash, randomBytes } from 'node:crypto';
import type { ClientMetadata } from 'oidc-provider';
import type { Identity, TokenSet } from '../record/token-set.js';

export interface SignIn {
  identity: Identity;
  tokens: TokenSet;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
let users = 0;

/** Follows the provider's redirects with its cookies until it leaves for the client. */
async function walk(start: string, issuer: string, login: string): Promise<URL> {
  const jar = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | null = null;
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const init: RequestInit = { redirect: 'manual', headers: { cookie } };
    const response = await fetch(url, form ? { ...init, method: 'POST', body: form } : init);
    await response.text();
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? '';
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    form = null;
    const location = response.headers.get('location');
    if (location === null) {
      if (response.status !== 200) throw new Error(`The provider answered ${response.status} on the way to its login`);
      form = new URLSearchParams({ login });
      continue;
    }
    const next = new URL(location, url);
    if (next.origin !== issuer || next.searchParams.has('code')) return next;
    url = next.href;
  }
  throw new Error('The sign-in went round in circles');
}

/** Signs users in as a browser and a client would: authorization code with PKCE, over HTTP. */
export function createSignIn(issuer: string, clients: readonly ClientMetadata[]) {
  return async (name = `user-${++users}`, clientId?: string): Promise<SignIn> => {
    const client = clients.find(({ client_id }) => clientId === undefined || client_id === clientId);
    const redirectUri = client?.redirect_uris?.[0];
    if (!client || redirectUri === undefined)
      throw new TypeError('Option "clientId" takes the id of a client of this provider');
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      ...{ client_id: client.client_id, redirect_uri: redirectUri, response_type: 'code' },
      ...{ scope: 'openid offline_access', prompt: 'consent', code_challenge_method: 'S256' },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    const back = await walk(`${issuer}/auth?${query}`, issuer, name);
    const body = new URLSearchParams({
      ...{ grant_type: 'authorization_code', code: back.searchParams.get('code') ?? '', redirect_uri: redirectUri },
      ...{ code_verifier: verifier, client_id: client.client_id },
    });
    const headers: Record<string, string> = {};
    if (client.client_secret !== undefined) {
      headers.authorization = `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`;
      body.delete('client_id');
    }
    const response = await fetch(`${issuer}/token`, { method: 'POST', headers, body });
    const json: Record<string, unknown> = await response.json();
    const idToken = text(json.id_token);
    const claims = JSON.parse(Buffer.from(idToken?.split('.')[1] ?? '', 'base64url').toString() || '{}');
    return {
      identity: { issuer, subject: String(claims.sub ?? ''), providerSessionId: text(claims.sid) },
      tokens: {
        accessToken: text(json.access_token) ?? '',
        accessTokenExpiresIn: number(json.expires_in),
        refreshToken: text(json.refresh_token),
        refreshExpiresIn: null,
        idToken,
        scope: text(json.scope),
      },
    };
  };
}
