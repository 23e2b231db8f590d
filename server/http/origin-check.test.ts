import { describe, expect, it } from 'vitest';
import { type AppUnderTest, ORIGIN, startApp } from '../testing/app/app-under-test.js';
import { type ServedApp, serveApp } from '../testing/app/served-app.js';
import { useServedApp } from '../testing/app/use-served-app.js';

const EVIL = 'https://evil.example';
const SAME = { 'Sec-Fetch-Site': 'same-origin' };
const HEADER = { 'X-Stillhere': '1' };

let test: AppUnderTest;
let served: ServedApp;
useServedApp((startedTest, startedServed) => {
  test = startedTest;
  served = startedServed;
});

type Case = [name: string, headers: Record<string, string>, logout: number, application: number, beat: number];

/** Every request carries a session; 403 leaves it alive. */
const CASES: Case[] = [
  ['Origin of another site beside same-origin', { ...SAME, ...HEADER, Origin: EVIL }, 403, 403, 403],
  ['Origin of a sibling port beside same-origin', { ...SAME, ...HEADER, Origin: 'http://localhost:1' }, 403, 403, 403],
  ['our Origin beside cross-site', { 'Sec-Fetch-Site': 'cross-site', ...HEADER, Origin: ORIGIN }, 403, 403, 403],
  ['a hidden Origin beside cross-site', { 'Sec-Fetch-Site': 'cross-site', ...HEADER, Origin: 'null' }, 403, 403, 403],
  ['two Origins', { ...SAME, ...HEADER, Origin: `${ORIGIN}, ${EVIL}` }, 403, 403, 403],
  ['an empty Origin', { ...SAME, ...HEADER, Origin: '' }, 403, 403, 403],
  ['a hidden Origin alone (a form of any site)', { Origin: 'null' }, 403, 403, 403],
  ['a hidden Origin and our header (no other site gets a preflight)', { ...HEADER, Origin: 'null' }, 200, 403, 200],
  ['a hidden Origin beside same-origin', { ...SAME, Origin: 'null' }, 303, 200, 403],
  ['a hidden Origin beside same-origin, and our header', { ...SAME, ...HEADER, Origin: 'null' }, 200, 200, 200],
  ['our Origin beside same-origin', { ...SAME, ...HEADER, Origin: ORIGIN }, 200, 200, 200],
  ['same-origin alone', { ...SAME, ...HEADER }, 200, 200, 200],
  ['our Origin alone', { ...HEADER, Origin: ORIGIN }, 200, 200, 200],
  ['neither', HEADER, 403, 403, 403],
];

describe('a request over a socket', () => {
  it.each(CASES)('with %s is judged by all that it says', async (_, headers, logout, application, beat) => {
    const browser = test.browser();
    await test.signIn(browser);
    const cookie = browser.cookies().get('stillhere') ?? '';
    const post = async (path: string): Promise<number> =>
      (await served.ask(path, { method: 'POST', headers: { ...headers, Cookie: `stillhere=${cookie}` } })).status;
    expect(await post('/api/me')).toBe(application);
    expect(await post('/auth/heartbeat')).toBe(beat);
    expect(await post('/auth/logout')).toBe(logout);
    const kind = logout === 403 ? 'alive' : 'over';
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind });
  });

  it('for what is left is refused if it names another Origin', async () => {
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await served.ask('/auth/session', { headers: { ...HEADER, ...headers } })).status;
    expect(await ask({ ...SAME, Origin: EVIL })).toBe(403);
    expect(await ask({ Origin: EVIL })).toBe(403);
    expect(await ask({ ...SAME })).toBe(401);
    expect(await ask({ Origin: 'null' })).toBe(401);
  });
});

describe('a request of another site', () => {
  const message = 'a request was refused because it does not come from APP_ORIGIN';

  it('is told once a minute, with what it says of itself, shortened', async () => {
    const own = await startApp();
    const site = await serveApp(own.app);
    const headers = { ...HEADER, 'Sec-Fetch-Site': 'cross-site', Origin: `https://${'x'.repeat(5_000)}` };
    for (const path of ['/auth/heartbeat', '/auth/logout', '/auth/heartbeat'])
      expect((await site.ask(path, { method: 'POST', headers })).status).toBe(403);
    expect((await site.ask('/auth/session', { headers })).status).toBe(403);
    const facts = { event: 'origin.refuse', origin: `https://${'x'.repeat(92)}`, site: 'cross-site' };
    expect(own.log.filter((line) => line.startsWith(message))).toEqual([`${message} ${JSON.stringify(facts)}`]);
    await site.close();
    await own.close();
  });
});
