import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isJsonObject } from '../contract.js';

/**
 * The ways in which the application proves who it is to the provider (OpenID Connect Core section
 * 9).
 */
export const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number];

/** The values of the method and of the key, for errors. */
export const METHODS_TAKEN = CLIENT_AUTH_METHODS.join(', ').replace(/, (?=none$)/, ' or ');
export const KEY_TAKEN =
  'a private key as PEM or JWK: RSA of 2048 bits or more, EC (P-256, P-384, P-521) or Ed25519, without a passphrase';

export interface ClientKey {
  /** PKCS #8. */
  pem: string;
  /** Signature algorithm of the assertions (RFC 7518 section 3.1). */
  alg: string;
  /** Name of the key at the provider. */
  kid: string | undefined;
}

/** The credentials by which the provider knows the application. */
export interface ClientProof {
  /** `null`: by the secret if there is one, in the way that the provider's metadata name. */
  method: ClientAuthMethod | null;
  secret: string | null;
  key: ClientKey | null;
}

const CURVES: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
const RSA = /^[RP]S(256|384|512)$/;
const LEAST_RSA_BITS = 2_048;

/**
 * Returns the algorithm with which a key signs, or `null` if no known one fits. `wanted` chooses
 * among those of an RSA key.
 */
function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, wanted: unknown) {
  if (type === 'ed25519') return 'EdDSA';
  if (type === 'ec') return CURVES[details?.namedCurve ?? ''] ?? null;
  if (type !== 'rsa' || (details?.modulusLength ?? 0) < LEAST_RSA_BITS) return null;
  return typeof wanted === 'string' && RSA.test(wanted) ? wanted : 'RS256';
}

function readJwk(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Reads a private key in PEM (also in one line, with `\n` for its line ends) or as a JWK. Returns
 * `null` if the text is no private key. `keyId` takes precedence over the `kid` of a JWK.
 */
export function readClientKey(text: unknown, keyId?: string): ClientKey | null {
  if (typeof text !== 'string') return null;
  const jwk = readJwk(text);
  try {
    const key = createPrivateKey(jwk ? { key: jwk, format: 'jwk' } : text.replaceAll('\\n', '\n'));
    const alg = algorithmOf(key, jwk?.alg);
    if (alg === null) return null;
    const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { pem, alg, kid: keyId ?? (typeof jwk?.kid === 'string' ? jwk.kid : undefined) };
  } catch {
    // The error could quote the key.
    return null;
  }
}

/**
 * Returns the part of the credentials that does not fit the method, and the values that it takes.
 * `null` if all parts fit.
 */
export function wrongProof(proof: {
  method: ClientAuthMethod | null;
  secret: unknown;
  key: unknown;
  keyId: unknown;
}): { part: 'secret' | 'key' | 'keyId'; takes: string } | null {
  const { method, secret, key, keyId } = proof;
  const byKey = method === 'private_key_jwt';
  if (key && !byKey)
    return { part: 'key', takes: 'nothing, unless the client authentication method is private_key_jwt' };
  if (byKey && !key) return { part: 'key', takes: 'the private key that the method private_key_jwt needs' };
  if (keyId && !key) return { part: 'keyId', takes: 'the name of a key, and nothing where there is no key' };
  if (secret && (byKey || method === 'none'))
    return { part: 'secret', takes: `nothing where the client authentication method is ${method}` };
  if (!secret && method?.startsWith('client_secret'))
    return { part: 'secret', takes: `the secret that the method ${method} needs` };
  return null;
}
