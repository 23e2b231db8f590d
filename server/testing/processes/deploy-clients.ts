import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, createBrowser } from '../app/browser.js';
import { http1Client, http2Client, type TlsClient } from '../app/tls-client.js';

const OURS = { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'same-origin' };
const BEAT = {
  method: 'POST',
  headers: { ...OURS, 'Content-Type': 'application/json' },
  body: JSON.stringify({ v: 1, activity: 'user', idleMs: 0 }),
};
/**
 * All clients together beat about so often in a second, however many they are: a site is to be
 * watched, and not the machine's limits.
 */
const BEATS_PER_SECOND = 20;
/** A client signs out again after so many beats: far sooner than in life. */
const BEATS = { least: 5, most: 25 };

/** What the clients of a deploy met. */
export interface Tally {
  /** How often each route answered with each status: `heartbeat 200`. */
  answers: Map<string, number>;
  /** Requests without an answer. */
  failures: string[];
  /** Why sessions ended that no client had signed out of. */
  lost: string[];
  /** Logins that brought no session. */
  refusedLogins: string[];
  logins: number;
  logouts: number;
}

export const newTally = (): Tally => ({
  answers: new Map(),
  failures: [],
  lost: [],
  refusedLogins: [],
  logins: 0,
  logouts: 0,
});

interface Span {
  least: number;
  most: number;
}

const between = ({ least, most }: Span): number => least + Math.random() * (most - least);

function countAnswers(client: TlsClient, tally: Tally) {
  return async (url: string, init?: RequestInit): Promise<Response> => {
    const route = new URL(url).pathname.replace(/^\/auth\//, '');
    try {
      const response = await client.request(url, init);
      const { reason = '' } =
        response.status < 500
          ? {}
          : ((await response
              .clone()
              .json()
              .catch(() => ({}))) as { reason?: string });
      const name = `${route} ${response.status} ${reason}`.trim();
      tally.answers.set(name, (tally.answers.get(name) ?? 0) + 1);
      return response;
    } catch (error) {
      tally.failures.push(`${route}: ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  };
}

/**
 * Signs in at the provider's own page, as a person would. Resolves to the address where the browser
 * is at the end.
 */
export async function signInAt(browser: Browser, origin: string, name: string): Promise<string> {
  const page = await browser.go('/auth/login?returnTo=/');
  // A page of the application's own says that nobody can sign in now.
  if (page.url.startsWith(origin)) return `${page.url} (${page.response.status})`;
  const answer = await browser.send(page.url, { method: 'POST', body: new URLSearchParams({ login: name }) });
  const { url, response } = await browser.go(answer.headers.get('location') ?? '');
  return url === `${origin}/` ? url : `${url} (${response.status})`;
}

interface ClientSettings {
  name: string;
  client: TlsClient;
  origin: string;
  tally: Tally;
  /** Between two beats. */
  paceMs: Span;
}

/** A user with a browser, who signs in, beats and signs out, again and again. */
function createClient({ name, client, origin, tally, paceMs }: ClientSettings) {
  const send = countAnswers(client, tally);
  let browser: Browser | null = null;
  let stopped = false;

  async function signIn(): Promise<void> {
    const next = createBrowser({ request: send }, origin);
    const end = await signInAt(next, origin, name);
    if (end === `${origin}/`) {
      tally.logins += 1;
      browser = next;
    } else tally.refusedLogins.push(end.replace(/\?\S*/, ''));
  }

  async function beat(using: Browser): Promise<void> {
    const response = await using.send('/auth/heartbeat', BEAT);
    if (response.status !== 401) return;
    const { reason } = (await response.json()) as { reason?: string };
    tally.lost.push(`${name}: ${reason}`);
    browser = null;
  }

  async function signOut(using: Browser): Promise<void> {
    browser = null;
    const response = await using.send('/auth/logout', { method: 'POST', headers: { Origin: origin } });
    if (response.status === 303) tally.logouts += 1;
  }

  async function visit(): Promise<void> {
    if (!browser) await signIn();
    for (let left = between(BEATS); left > 0 && browser && !stopped; left -= 1) {
      await sleep(between(paceMs));
      await beat(browser);
    }
    if (browser && !stopped) await signOut(browser);
  }

  return {
    stop(): void {
      stopped = true;
    },
    /** Goes on until `stop`. A request that fails is counted, and the user tries again. */
    async live(): Promise<void> {
      // Not all at once.
      await sleep(between({ least: 0, most: paceMs.most * 2 }));
      while (!stopped) await visit().catch(() => sleep(between(paceMs)));
      // The session that it has at the end has to be alive.
      if (browser) await beat(browser).catch(() => undefined);
      client.close();
    },
  };
}

/**
 * Starts so many clients, half of them over HTTP/2. Resolves when the last one has ended, after
 * `stop`.
 */
export function startClients(count: number, origin: string, ca: Buffer, tally: Tally) {
  const pace = (count / BEATS_PER_SECOND) * 1_000;
  const paceMs = { least: pace / 2, most: pace * 1.5 };
  const clients = Array.from({ length: count }, (_, i) =>
    createClient({ name: `user-${i}`, client: i % 2 ? http2Client(ca) : http1Client(ca), origin, tally, paceMs }),
  );
  const lives = clients.map((client) => client.live());
  return async (): Promise<void> => {
    for (const client of clients) client.stop();
    await Promise.all(lives);
  };
}
