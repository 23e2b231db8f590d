import { describe, expect, it } from 'vitest';
import { controlRoutes } from './control-routes.js';
import type { ProviderControls } from './provider-controls.js';

const ORIGIN = 'http://localhost:3000';
const OURS = { 'X-Stillhere-Demo': '1', 'Sec-Fetch-Site': 'same-origin' };

function routes() {
  const pressed: string[] = [];
  const provider: ProviderControls = {
    issuer: 'http://127.0.0.1:1',
    stop: async () => void pressed.push('stop'),
    start: async () => void pressed.push('start'),
    setFault: (fault) => void pressed.push(`fault ${fault}`),
    revoke: (client) => void pressed.push(`revoke ${client}`),
    grants: () => [],
    tokenRequests: [],
    state: { running: true, busy: false },
    close: async () => undefined,
  };
  const app = controlRoutes({
    origin: () => ORIGIN,
    provider,
    counts: { beats: new Map([['s1', 4]]), refreshes: new Map([['s1', 2]]), total: 4, checks: 0 },
    replaceWorker: () => void pressed.push('replace'),
    visitor: async () => new Response('no session', { status: 401 }),
  });
  return { app, pressed };
}

describe('the switches of the demo', () => {
  it('press what they name', async () => {
    const { app, pressed } = routes();
    for (const path of [
      'provider/stop',
      'provider/start',
      'provider/busy',
      'provider/calm',
      'revoke',
      'worker/replace',
    ]) {
      expect((await app.request(`/${path}`, { method: 'POST', headers: OURS })).status).toBe(204);
    }
    expect(pressed).toEqual(['stop', 'start', 'fault busy', 'fault none', 'revoke grant-application', 'replace']);
  });

  it.each([
    ['another site', { 'X-Stillhere-Demo': '1', 'Sec-Fetch-Site': 'cross-site' }],
    ['a form, which has no header', { 'Sec-Fetch-Site': 'same-origin' }],
    [
      'another origin in a browser that does not say which site asks',
      { 'X-Stillhere-Demo': '1', Origin: 'http://evil.example' },
    ],
    ['nobody knows who', { 'X-Stillhere-Demo': '1' }],
  ])('refuse %s', async (_, headers) => {
    const { app, pressed } = routes();
    expect((await app.request('/provider/stop', { method: 'POST', headers })).status).toBe(403);
    expect(pressed).toEqual([]);
  });

  it('do not take an application from somebody whose session is over', async () => {
    const { app } = routes();
    expect((await app.request('/applications', { method: 'POST', headers: OURS, body: '{}' })).status).toBe(401);
  });

  it('tell the counts of the session that asks', async () => {
    const { app } = routes();
    const response = await app.request('/status', { headers: { Cookie: 'stillhere-session=s1' } });
    expect(await response.json()).toMatchObject({ beats: { kept: 4, alone: 0 }, grants: { kept: 2, alone: 0 } });
  });
});
