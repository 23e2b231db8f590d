import { importPKCS8 } from 'jose';
import {
  type AuthorizationServer,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  modifyAssertion,
  None,
  PrivateKeyJwt,
} from 'oauth4webapi';
import type { ClientKey, ClientProof } from './client-proof.js';

/** `client_secret_basic` is the default if the provider does not say (RFC 8414 section 2). */
function usualMethod(secret: string | null, { token_endpoint_auth_methods_supported: methods }: AuthorizationServer) {
  if (!secret) return 'none';
  const post = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic');
  return post ? 'client_secret_post' : 'client_secret_basic';
}

async function byKey({ pem, alg, kid }: ClientKey): Promise<ClientAuth> {
  const key = await importPKCS8(pem, alg);
  return PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
    // The library writes `Ed25519`, which few providers know yet.
    [modifyAssertion]: (header) => {
      header.alg = alg;
    },
  });
}

/** The authentication of every request to the provider's endpoints. */
export async function createClientAuth(
  { method, secret, key }: ClientProof,
  server: AuthorizationServer,
): Promise<ClientAuth> {
  switch (method ?? usualMethod(secret, server)) {
    case 'client_secret_basic':
      return ClientSecretBasic(secret ?? '');
    case 'client_secret_post':
      return ClientSecretPost(secret ?? '');
    case 'private_key_jwt':
      if (!key) throw new TypeError('private_key_jwt needs a key');
      return byKey(key);
    default:
      return None();
  }
}
