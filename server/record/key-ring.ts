import { createHash, hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { isJsonObject } from '../contract.js';

/** Seals what must not be read from the store or from a cookie. */
export interface KeyRing {
  /** A compact JWE that only the same `context` opens: sealed rows cannot be swapped. */
  seal(context: string, payload: Record<string, unknown>): Promise<string>;
  /** Opens a sealed text. `null` if no key of the ring opens it under this context. */
  open(context: string, sealed: string): Promise<Record<string, unknown> | null>;
}

/**
 * A content key of its own for each context, so that no nonce limit of one key is ever near (RFC
 * 5869).
 */
function contentKey(key: Uint8Array, context: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, context, 'stillhere seal', 32));
}

/**
 * A ring of 32-byte keys, each as base64url: the first seals, all open. To rotate: append the new
 * key everywhere, then move it to the front. Sealed as JWE, `dir` with `A256GCM` (RFC 7516); `kid`
 * is a prefix of the key's hash. Throws a TypeError if there is no key or one is not 32 bytes.
 */
export function createKeyRing(keys: readonly string[]): KeyRing {
  const ring = new Map<string, Uint8Array>();
  for (const text of keys) {
    const key = new Uint8Array(Buffer.from(text, 'base64url'));
    if (key.length !== 32) throw new TypeError('Option "keys" takes base64url keys of 32 bytes each');
    ring.set(createHash('sha256').update(key).digest('base64url').slice(0, 8), key);
  }
  const first = ring.entries().next().value;
  if (!first) throw new TypeError('Option "keys" takes at least one base64url key of 32 bytes');
  const [kid, sealing] = first;

  return {
    seal(context, payload) {
      return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
        .encrypt(contentKey(sealing, context));
    },
    async open(context, sealed) {
      try {
        const key = ring.get(decodeProtectedHeader(sealed).kid ?? '');
        if (!key) return null;
        const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
        const { plaintext } = await compactDecrypt(sealed, contentKey(key, context), options);
        const payload: unknown = JSON.parse(new TextDecoder().decode(plaintext));
        return isJsonObject(payload) ? payload : null;
      } catch {
        // The error would quote what was sealed.
        return null;
      }
    },
  };
}
