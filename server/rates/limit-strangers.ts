import { memoryRateLimiter } from './rate-limit.js';

/**
 * How many requests without a session a visitor may send per minute. A whole office may use one
 * address.
 */
const PER_MINUTE = 300;
/**
 * How many credentials that belonged to a session are remembered: about 2 MB. Above that the oldest
 * are forgotten.
 */
const MOST_KNOWN = 20_000;
/**
 * The shortest cookie value that may be a credential. Many visitors share shorter ones: settings.
 */
const LEAST_SECRET = 16;
const MOST_SECRETS = 20;

/** One request, before the application is asked for its session. */
export interface Stranger {
  /** The seconds to wait. 0 if the application may be asked. */
  wait: number;
  /** Takes the application's answer. `null` if it could not answer. */
  end(hasSession: boolean | null): Promise<void>;
}

export interface StrangerLimit {
  /** `address` is the visitor's address, or `null` if it is not known. */
  begin(request: Request, address: string | null): Promise<Stranger>;
}

/** Each process draws its own, so that an attacker cannot make two texts with the same hash. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/**
 * Returns a hash of 53 bits (cyrb53). It need not be a cryptographic one, and unlike a digest of
 * Web Crypto it is synchronous.
 */
function hash(text: string): number {
  let [one, other] = [0xdeadbeef ^ SEED, 0x41c6ce57 ^ SEED];
  for (let n = 0; n < text.length; n += 1) {
    const code = text.charCodeAt(n);
    one = Math.imul(one ^ code, 2_654_435_761);
    other = Math.imul(other ^ code, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
  other = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return 2 ** 32 * (other & 0x1fffff) + (one >>> 0);
}

/**
 * Returns the hashes of a request's possible credentials. The credentials themselves are not kept.
 */
function secretsOf({ headers }: Request): number[] {
  const pairs = (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());
  const proofs = [headers.get('authorization') ?? '', ...pairs.filter(isSecret)].filter(Boolean);
  return proofs.slice(0, MOST_SECRETS).map(hash);
}

const isSecret = (pair: string): boolean => pair.length - pair.indexOf('=') > LEAST_SECRET;

/**
 * Returns the key of a visitor without an address. Requests with the same headers come from one
 * client, or would get the same answer.
 */
const sameHeaders = ({ headers }: Request): string => String(hash(JSON.stringify([...headers])));

/**
 * Limits how often the application is asked about requests without a session: by the visitor's
 * address if it is known, otherwise by the request's headers. A request with a cookie or an
 * `Authorization` that belonged to a session before is neither counted nor refused, so that a
 * visitor does not lock out users of the same address. There is no count for all visitors together:
 * one of them could use it up.
 */
export function createStrangerLimit(options: { perMinute?: number; now?: () => number } = {}): StrangerLimit {
  const limiter = memoryRateLimiter({ perMinute: PER_MINUTE, burst: 0, ...options });
  const known = new Set<number>();

  const learn = (secrets: readonly number[]): void => {
    for (const secret of secrets) {
      known.delete(secret);
      known.add(secret);
    }
    for (const oldest of known) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
  };

  return {
    async begin(request, address) {
      const secrets = secretsOf(request);
      const key = address ?? sameHeaders(request);
      const isKnown = secrets.some((secret) => known.has(secret));
      const wait = isKnown ? 0 : await limiter.take(key);
      return {
        wait,
        async end(hasSession) {
          if (hasSession) learn(secrets);
          if (hasSession !== false && !isKnown) limiter.giveBack(key);
          if (hasSession === false && isKnown) {
            for (const secret of secrets) known.delete(secret);
            await limiter.take(key);
          }
        },
      };
    },
  };
}
