import { memoryRateLimiter } from './rate-limit.js';

/**
 * Requests without a session a minute and visitor, before the next is refused: a whole office may
 * sit behind one address.
 */
const PER_MINUTE = 300;
/**
 * What proves sessions is remembered of so many requests at most: about 2 MB. Above that the oldest
 * go.
 */
const MOST_KNOWN = 20_000;
/** Shorter values of cookies are settings, which many visitors share. */
const LEAST_SECRET = 16;
const MOST_SECRETS = 20;

/** One request, before the application is asked whose session it is. */
export interface Stranger {
  /** Seconds to wait; 0 if the application may be asked. */
  wait: number;
  /** Takes the application's answer; `null` if it could not say. */
  end(hasSession: boolean | null): Promise<void>;
}

export interface StrangerLimit {
  /** `address` is the visitor's, or `null` if it is not known. */
  begin(request: Request, address: string | null): Promise<Stranger>;
}

/** Drawn anew by each process, so that no text can be made that collides with another's. */
const SEED = Math.floor(Math.random() * 2 ** 32);

/**
 * 53 bits of a text (cyrb53): it is not asked to keep a secret that is known to have less, and
 * takes no other turn as a digest would.
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

/** What may prove a session, as hashes: no secret is kept. */
function secretsOf({ headers }: Request): number[] {
  const pairs = (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());
  const proofs = [headers.get('authorization') ?? '', ...pairs.filter(isSecret)].filter(Boolean);
  return proofs.slice(0, MOST_SECRETS).map(hash);
}

const isSecret = (pair: string): boolean => pair.length - pair.indexOf('=') > LEAST_SECRET;

/**
 * Without an address: requests whose headers are all the same come from one client, or would get
 * the same answer.
 */
const sameHeaders = ({ headers }: Request): string => String(hash(JSON.stringify([...headers])));

/**
 * Bounds how often the application is asked about requests that turn out to have no session: by the
 * visitor's address if that is known, else by the request's headers. A request with a cookie or an
 * `Authorization` that belonged to a session before is never counted nor refused, so that a visitor
 * does not lock out the users of the same address. No count is shared by all visitors: one of them
 * could use it up for all.
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
