import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { createKeepaliveApp } from '../app.js';
import { appOrigin, JSON_TYPE, OURS, post } from '../testing/app/beat-request.js';
import { recordLog } from '../testing/log-recorder.js';
import { createHeartbeat } from './create-heartbeat.js';

const ask = (headers: Record<string, string> = OURS) => new Request(`${appOrigin}/api/heartbeat`, { headers });

/**
 * An application whose session idles out `limit` seconds after the user's last activity, by a clock
 * of its own.
 */
function application() {
  let now = 0;
  let seenAt = 0;
  const limit = 60;
  const options = {
    appOrigin,
    logger: recordLog(),
    identify: () => ({ key: 'own-status', sessionId: 'p', user: 'u' }),
    refresh: (_request: Request, { activity }: { activity: 'user' | 'none' }) => {
      if (activity === 'user') seenAt = now;
      const idleExpiresIn = seenAt + limit - now;
      return idleExpiresIn > 0
        ? ({ kind: 'alive', idleExpiresIn } as const)
        : ({ kind: 'over', reason: 'idle_timeout' } as const);
    },
  };
  const route = createHeartbeat(options);
  const app = createKeepaliveApp(options);
  return { route, app, pass: (seconds: number) => (now += seconds) };
}

describe("the route of an application's own sessions", () => {
  it('tells what is left, and moves nothing', async () => {
    const { route, app, pass } = application();
    expect(await (await route.POST(post())).json()).toMatchObject({ idleExpiresIn: 60 });
    pass(40);
    for (const answer of [await route.GET(ask()), await app.request('/session', { headers: OURS })]) {
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
      expect(await answer.json()).toMatchObject({ idleExpiresIn: 20, sessionId: 'p', user: 'u' });
    }
    pass(21);
    const answer = await route.GET(ask());
    expect([answer.status, await answer.json()]).toMatchObject([401, { reason: 'idle_timeout' }]);
  });

  it.each([
    ['without the header', { 'Sec-Fetch-Site': 'same-origin' }],
    ['from another site', { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'cross-site' }],
    ['from a sibling site', { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'same-site' }],
    ['that names another origin', { ...OURS, Origin: 'https://evil.example' }],
    ['that names only another origin', { 'X-Stillhere': '1', Origin: 'https://evil.example' }],
    ['from the address bar', { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'none' }],
  ])('refuses a question %s', async (_name, headers) => {
    expect((await application().route.GET(ask(headers))).status).toBe(403);
  });

  it('answers a browser that sends no Sec-Fetch-Site: only its own page can send the header', async () => {
    expect((await application().route.GET(ask({ 'X-Stillhere': '1' }))).status).toBe(200);
  });

  it('refuses wrong options at once', () => {
    const { identify, refresh } = { identify: () => null, refresh: () => ({ kind: 'alive' }) as const };
    expect(() => createHeartbeat({ appOrigin: 'app.example', identify, refresh })).toThrow('option "appOrigin"');
    expect(() => createHeartbeat(JSON.parse(`{"appOrigin":"${appOrigin}"}`))).toThrow('option "identify"');
  });
});

/** What an edge runtime offers of what the handlers use, and nothing of Node's. */
const WEB = {
  AbortSignal,
  Headers,
  Request,
  Response,
  TextDecoder,
  URL,
  clearTimeout,
  console,
  performance,
  setTimeout,
};

it('stillhere/heartbeat is one file without imports, which runs where nothing of Node is there', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
    ...{ bundle: true, write: false, metafile: true, platform: 'neutral', format: 'iife', globalName: 'stillhere' },
  });
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  const place = createContext({ ...WEB });
  runInContext(outputFiles[0]?.text ?? '', place);
  Object.assign(place, {
    route: runInContext(
      `stillhere.createHeartbeat({
         appOrigin: '${appOrigin}',
         identify: () => ({ key: 'vm' }),
         refresh: (request, { activity }) => ({ kind: 'alive', idleExpiresIn: activity === 'user' ? 60 : 30 }),
       })`,
      place,
    ),
    beat: post({ ...OURS, ...JSON_TYPE }, '{"v":1,"activity":"user","idleMs":0}'),
    question: ask(),
  });
  const [alive, left] = await runInContext('Promise.all([route.POST(beat), route.GET(question)])', place);
  expect([alive.status, await alive.json()]).toMatchObject([200, { idleExpiresIn: 60 }]);
  expect([left.status, await left.json()]).toMatchObject([200, {}]);
});
