import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeepaliveApp } from '../app.js';
import type { OidcOptions } from '../options/app-options.js';
import { KEY, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';
import { createBrowser } from '../testing/app/browser.js';
import { createClientAuth } from './client-auth.js';
import { readClientKey } from './client-proof.js';

const SECRET = 'a-secret/with-all:that~is%odd+in a form';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pemOf = ({ privateKey }: typeof rsa): string => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const jwkOf = ({ privateKey }: typeof rsa, more: object): string =>
  JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...more });
const known = ({ publicKey }: typeof rsa, kid?: string) => ({
  jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), ...(kid && { kid }), use: 'sig' }] },
});
const byKey = (alg: 'RS256' | 'PS256' | 'ES256' | 'EdDSA', more: object): Partial<ClientMetadata> => ({
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: alg,
  ...more,
});

type Case = [name: string, client: Partial<ClientMetadata>, proof: Partial<OidcOptions>];
const CASES: Case[] = [
  [
    'client_secret_basic',
    { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_basic' },
    { clientSecret: SECRET, clientAuthMethod: 'client_secret_basic' },
  ],
  [
    'client_secret_post, though the metadata list client_secret_basic too',
    { client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' },
    { clientSecret: SECRET, clientAuthMethod: 'client_secret_post' },
  ],
  ['none', { token_endpoint_auth_method: 'none' }, { clientAuthMethod: 'none' }],
  [
    'private_key_jwt with an RSA key as PEM in one line',
    byKey('RS256', known(rsa, 'one')),
    {
      clientAuthMethod: 'private_key_jwt',
      clientKey: pemOf(rsa).replaceAll('\n', '\\n'),
      clientKeyId: 'one',
    },
  ],
  [
    'private_key_jwt with an RSA key as JWK, by PS256',
    byKey('PS256', known(rsa, 'two')),
    { clientAuthMethod: 'private_key_jwt', clientKey: jwkOf(rsa, { alg: 'PS256', kid: 'two' }) },
  ],
  [
    'private_key_jwt with an EC key and no kid',
    byKey('ES256', known(ec)),
    { clientAuthMethod: 'private_key_jwt', clientKey: pemOf(ec) },
  ],
  [
    'private_key_jwt with an Ed25519 key',
    byKey('EdDSA', known(ed, 'three')),
    { clientAuthMethod: 'private_key_jwt', clientKey: jwkOf(ed, { kid: 'three' }) },
  ],
];

describe('a client that authenticates by', () => {
  it.each(CASES)('%s signs in, refreshes and revokes', async (_, client, proof) => {
    const test = await startApp({ client, proof, accessTokenTtl: 1 });
    const browser = test.browser();
    await test.signIn(browser);
    const beat = () => browser.send('/auth/heartbeat', { method: 'POST', headers: OURS });
    await expect
      .poll(async () => ((await (await beat()).json()) as { refreshed?: boolean }).refreshed, { timeout: 15_000 })
      .toBe(true);
    await browser.send('/auth/logout', { method: 'POST', headers: OURS });
    const answers = () => test.provider.answers.filter(([path]) => path.startsWith('/token'));
    await expect.poll(() => answers().at(-1)?.[0]).toBe('/token/revocation');
    expect(answers().length).toBeGreaterThanOrEqual(3);
    const byHeader = client.token_endpoint_auth_method === 'client_secret_basic';
    for (const [, ...how] of answers()) expect(how).toEqual([200, byHeader]);
    await test.close();
    expect(test.log.join('\n')).not.toMatch(/not revoked|PRIVATE|eyJ/);
  });

  it.each<[string, string, string | undefined, string, string | undefined]>([
    ['PEM that is named', pemOf(ec), 'one', 'ES256', 'one'],
    ['PEM', pemOf(ec), undefined, 'ES256', undefined],
    ['JWK', jwkOf(rsa, { kid: 'two', alg: 'PS256' }), undefined, 'PS256', 'two'],
    ['JWK that is named anew', jwkOf(ed, { kid: 'three' }), 'four', 'EdDSA', 'four'],
  ])('a key as %s says which one it is', async (_, text, keyId, alg, kid) => {
    const key = readClientKey(text, keyId);
    const server = { issuer: 'https://id.example' };
    const prove = await createClientAuth({ method: 'private_key_jwt', secret: null, key }, server);
    const body = new URLSearchParams();
    await prove(server, { client_id: 'app' }, body, new Headers());
    const { typ: _typ, ...header } = decodeProtectedHeader(body.get('client_assertion') ?? '');
    expect(header).toEqual({ alg, ...(kid && { kid }) });
  });

  it('a key that the provider does not know is told so', async () => {
    const client = byKey('ES256', known(ec, 'one'));
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const test = await startApp({ client, proof: { clientAuthMethod: 'private_key_jwt', clientKey: pemOf(other) } });
    const { response } = await test.browser().go('/auth/login');
    expect(response.status).toBe(503);
    expect(test.log.join('\n')).toContain('"detail":"invalid_client"');
    await test.close();
  });

  it('anything has a revocation that the provider refuses told', async () => {
    const metadata: Record<string, unknown> = {};
    const test = await startApp({ metadata });
    metadata.revocation_endpoint = `${test.provider.issuer}/nowhere`;
    const browser = test.browser();
    await test.signIn(browser);
    await browser.send('/auth/logout', { method: 'POST', headers: OURS });
    await test.close();
    expect(test.log.filter((line) => line.startsWith('a refresh token was not revoked'))).toHaveLength(1);
  });
});

/**
 * A provider as glewlwyd is: it takes the credentials of `client_secret_basic` as they come,
 * without URL decoding.
 */
async function startLiteralProvider() {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  let issuer = '';
  const basic = `Basic ${Buffer.from(`app:${SECRET}`).toString('base64')}`;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', issuer);
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url.pathname === '/.well-known/openid-configuration') {
      answer(200, {
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      });
    } else if (url.pathname === '/keys') {
      answer(200, { keys: [await exportJWK(publicKey)] });
    } else if (url.pathname === '/auth') {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      back.searchParams.set('code', url.searchParams.get('nonce') ?? '');
      response.writeHead(302, { Location: back.href }).end();
    } else {
      let text = '';
      for await (const chunk of request) text += chunk;
      const body = new URLSearchParams(text);
      if (request.headers.authorization !== basic && body.get('client_secret') !== SECRET) {
        answer(400, { error: 'unauthorized_client' });
        return;
      }
      const id_token = await new SignJWT({ nonce: body.get('code') })
        .setProtectedHeader({ alg: 'RS256' })
        .setIssuer(issuer)
        .setAudience('app')
        .setSubject('ada')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey);
      answer(200, { access_token: 'a', token_type: 'bearer', expires_in: 300, id_token });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer: () => issuer,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a provider that does not decode client_secret_basic, and a secret with "-"', () => {
  let provider: Awaited<ReturnType<typeof startLiteralProvider>>;
  beforeAll(async () => {
    provider = await startLiteralProvider();
  });
  afterAll(() => provider.close());

  it.each([
    ['refuses every login by default', {}, 503],
    ['takes client_secret_post', { clientAuthMethod: 'client_secret_post' as const }, 200],
  ])('%s', async (_, method, status) => {
    const log: string[] = [];
    const record = (facts: object, message: string) => void log.push(`${message} ${JSON.stringify(facts)}`);
    const keepalive = createKeepaliveApp({
      appOrigin: ORIGIN,
      oidc: { issuer: provider.issuer(), clientId: 'app', clientSecret: SECRET, ...method },
      store: 'memory',
      keys: [KEY],
      logger: { debug: record, info: record, warn: record, error: record },
    });
    const app = new Hono().route('/auth', keepalive).get('/', (context) => context.text('a page'));
    const { response } = await createBrowser(app, ORIGIN).go('/auth/login');
    expect(response.status).toBe(status);
    expect(log.join('\n').includes('unauthorized_client')).toBe(status === 503);
    await keepalive.close();
  });
});
