import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../dev-provider/provider.js';
import { createBrowser } from '../testing/app/browser.js';
import { http1Client, http2Client } from '../testing/app/tls-client.js';
import { freePort } from '../testing/free-port.js';
import { newTally, signInAt, startClients, type Tally } from '../testing/processes/deploy-clients.js';
import { startNginx, type TestNginx } from '../testing/processes/nginx.js';
import { startRedis, type TestRedis } from '../testing/processes/redis-server.js';
import { prepareServe, type Serve, type ServeProcess } from '../testing/processes/serve-process.js';

/**
 * `bench/deploy.mjs` runs the same for longer, with more clients, and each signal over each store.
 */
const isLong = process.env.DEPLOY_SECONDS !== undefined;
const SECONDS = Number(process.env.DEPLOY_SECONDS ?? 6);
const CLIENTS = Number(process.env.DEPLOY_CLIENTS ?? 24);
/** Pause between two restarts, in milliseconds. */
const PAUSE_MS = 1_000;
/** A start and an end, however busy the machine is. */
const TIMEOUT_MS = SECONDS * 3_000 + 240_000;
const ERROR_LEVEL = 50;
const WARNING_LEVEL = 40;
const MOST_LINES = 20;
const STORES = ['sqlite', 'redis'] as const;

let serve: Serve;
const opened: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  serve = await prepareServe();
});
afterEach(async () => {
  for (const part of opened.splice(0).reverse()) await part.close();
});
afterAll(() => serve?.cleanUp());

const linesOf = (servers: readonly ServeProcess[]): string[] =>
  servers.flatMap((server) => server.output().split('\n')).filter(Boolean);

/** Two servers behind nginx, a provider, and a store that the servers share. */
async function startSite(
  store: 'sqlite' | 'redis',
  { reuseGrace, claims = {} }: { reuseGrace: number; claims?: Record<string, unknown> },
) {
  const ports = [await freePort(), await freePort()] as const;
  const nginx: TestNginx = await startNginx(ports);
  opened.push(nginx);
  const secret = randomBytes(24).toString('base64url');
  const provider: TestProvider = await startProvider({
    reuseGrace,
    ttl: { accessToken: isLong ? 60 : 12 },
    configuration: {
      conformIdTokenClaims: false,
      claims: { openid: ['sub', ...Object.keys(claims)] },
      findAccount: async (_, sub) => ({ accountId: sub, claims: async () => ({ sub, ...claims }) }),
    },
    clients: [
      {
        ...{ client_id: 'app', client_secret: secret, grant_types: ['authorization_code', 'refresh_token'] },
        redirect_uris: [`${nginx.origin}/auth/callback`],
        post_logout_redirect_uris: [`${nginx.origin}/`],
      },
    ],
  });
  opened.push(provider);
  const redis: TestRedis | null = store === 'redis' ? await startRedis() : null;
  if (redis) opened.push(redis);
  const env = {
    ...{ APP_ORIGIN: nginx.origin, OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'app', OIDC_CLIENT_SECRET: secret },
    ...{ OIDC_AUTH_PARAMS: 'prompt=consent', SESSION_KEYS: randomBytes(32).toString('base64url') },
    ...{ REFRESH_TOKEN_IDLE: '3600', REFRESH_AFTER: isLong ? '20' : '5', RATE_LIMIT: '10000' },
    ...{ STORE: store, DATA_DIR: join(serve.folder, `data-${ports[0]}`), ...(redis && { REDIS_URL: redis.url }) },
  };
  const all: ServeProcess[] = [];
  const start = async (place: 0 | 1): Promise<ServeProcess> => {
    const server = serve.start({ ...env, PORT: String(ports[place]) });
    all.push(server);
    await server.logged('listening');
    return server;
  };
  opened.push({ close: () => Promise.all(all.map((server) => server.end('SIGKILL'))) });
  const running = [await start(0), await start(1)];
  return {
    nginx,
    provider,
    /** Ends one of the two, and starts another in its place. Resolves to its exit code. */
    async replace(place: 0 | 1, signal: NodeJS.Signals): Promise<number | null | undefined> {
      const code = await running[place]?.end(signal);
      running[place] = await start(place);
      return code;
    },
    stop: () => Promise.all(running.map((server) => server.end('SIGTERM'))),
    /** What all servers have logged as an error, or printed besides their log. */
    errors: () => linesOf(all).filter((line) => !(line.startsWith('{') && JSON.parse(line).level < ERROR_LEVEL)),
    /** How often they have logged each warning. */
    warnings() {
      const counts = new Map<string, number>();
      for (const line of linesOf(all).filter((text) => text.startsWith('{'))) {
        const { level, event, error, detail, cause, msg } = JSON.parse(line);
        if (level !== WARNING_LEVEL) continue;
        const text = [event, msg, error, detail, cause].filter(Boolean).join(', ');
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
      return [...counts].map(([text, count]) => `${count} warnings: ${text}`);
    },
  };
}

/** Replaces one server after the other for so long, while clients sign in, beat and sign out. */
async function deploy(store: 'sqlite' | 'redis', signal: NodeJS.Signals, reuseGrace: number) {
  const site = await startSite(store, { reuseGrace });
  const tally = newTally();
  const { origin, ca } = site.nginx;
  const stopClients = startClients(CLIENTS, origin, ca, tally);
  opened.push({ close: stopClients });
  await expect.poll(() => tally.logins, { timeout: TIMEOUT_MS }).toBeGreaterThanOrEqual(CLIENTS / 2);
  const until = performance.now() + SECONDS * 1_000;
  const codes: (number | null | undefined)[] = [];
  while (performance.now() < until || codes.length < 4) {
    codes.push(await site.replace(codes.length % 2 ? 1 : 0, signal));
    await sleep(PAUSE_MS);
  }
  await stopClients();
  await site.stop();
  const figures = { codes, grants: site.provider.grants(), errors: site.errors(), warnings: site.warnings() };
  if (isLong) print(`${store}, ${signal}`, tally, figures);
  return { tally, ...figures };
}

function print(
  name: string,
  tally: Tally,
  { codes, grants, errors, warnings }: { codes: unknown[]; grants: number; errors: string[]; warnings: string[] },
) {
  const say = (text: string): unknown => process.stdout.write(`deploy: ${name}: ${text}\n`);
  say(
    `${CLIENTS} clients, ${codes.length} restarts, ${tally.logins} logins, ${tally.logouts} logouts, ${grants} grants`,
  );
  say(
    [...tally.answers]
      .sort()
      .map(([answer, count]) => `${answer}: ${count}`)
      .join(', '),
  );
  say(
    `${tally.lost.length} sessions lost, ${tally.refusedLogins.length} logins refused, ${tally.failures.length} requests without an answer, ${errors.length} error lines`,
  );
  const lines = [...warnings, ...tally.lost, ...errors, ...tally.failures, ...tally.refusedLogins];
  for (const line of lines.slice(0, MOST_LINES)) say(line);
}

const serverErrors = ({ answers }: Tally): string[] => [...answers.keys()].filter((answer) => / 5\d\d/.test(answer));

/**
 * Room in an ID token for so many groups brings the address of a logout close to its limit, and
 * beyond it.
 */
it.each([
  ['3 kB', 55, true],
  ['10 kB, which leaves the token out', 300, false],
])(
  'nginx passes on a logout with an ID token that makes an address of %s',
  async (_, count, isHinted) => {
    const groups = Array.from({ length: count }, (__, i) => `group-${String(i).padStart(4, '0')}-of-this-user`);
    const site = await startSite('sqlite', { reuseGrace: 0, claims: { groups } });
    const { origin, ca } = site.nginx;
    for (const client of [http1Client(ca), http2Client(ca)]) {
      const browser = createBrowser(client, origin);
      expect(await signInAt(browser, origin, 'ada')).toBe(`${origin}/`);
      const answer = await browser.send('/auth/logout', { method: 'POST', headers: { Origin: origin } });
      expect(answer.status).toBe(303);
      const location = answer.headers.get('location') ?? '';
      expect(location).toMatch(new RegExp(`^${site.provider.issuer}/`));
      expect(new URL(location).searchParams.has('id_token_hint')).toBe(isHinted);
      if (isHinted) expect(location.length).toBeGreaterThan(2_500);
      client.close();
    }
    await site.stop();
    expect(site.errors()).toEqual([]);
  },
  TIMEOUT_MS,
);

describe('two servers behind nginx that are replaced in turn', () => {
  it.each(isLong ? STORES : (['sqlite'] as const))(
    'are noticed by no client when each is told to stop (SIGTERM), over %s',
    async (store) => {
      const { tally, codes, grants, errors } = await deploy(store, 'SIGTERM', 0);
      expect(serverErrors(tally)).toEqual([]);
      expect([tally.failures, tally.lost, tally.refusedLogins, errors]).toEqual([[], [], [], []]);
      expect(new Set(codes)).toEqual(new Set([0]));
      expect(tally.answers.get('heartbeat 200')).toBeGreaterThan(CLIENTS);
      expect(grants).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it.each(isLong ? STORES : (['redis'] as const))(
    'lose no session when each is killed (SIGKILL) and the provider has a reuse grace of 30 s, over %s',
    async (store) => {
      const { tally, grants } = await deploy(store, 'SIGKILL', 30);
      expect(tally.lost).toEqual([]);
      expect(tally.answers.get('heartbeat 200')).toBeGreaterThan(CLIENTS);
      expect(grants).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
