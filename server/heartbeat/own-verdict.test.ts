import { describe, expect, it } from 'vitest';
import { own } from '../testing/app/own-session.js';

describe("a beat for a session of the application's own", () => {
  it.each([
    [{ kind: 'over', reason: 'revoked', headers: { 'Set-Cookie': 'own=; Max-Age=0' } } as const, 401, 'revoked'],
    [{ kind: 'later', reason: 'provider_unreachable', retryAfter: 9 } as const, 503, 'provider_unreachable'],
    [{ kind: 'later', reason: 'rate_limited' } as const, 429, 'rate_limited'],
  ])('is answered as the application says: %j', async (verdict, status, reason) => {
    const response = await own(() => verdict).beat();
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ reason, sessionId: 'p', user: 'u' });
  });

  it.each<[string, unknown, object]>([
    ['a lifetime that is no number', { kind: 'alive', accessTokenExpiresIn: 'soon' }, { accessTokenExpiresIn: null }],
    ['a lifetime of NaN', { kind: 'alive', accessTokenExpiresIn: Number.NaN }, { accessTokenExpiresAt: null }],
    ['a lifetime beyond all dates', { kind: 'alive', accessTokenExpiresIn: 1e18 }, { accessTokenExpiresAt: null }],
    [
      'a negative rest',
      { kind: 'alive', idleExpiresIn: -5, absoluteExpiresIn: 7 },
      { idleExpiresIn: null, absoluteExpiresIn: 7 },
    ],
  ])('takes %s for none', async (_name, verdict, body) => {
    const response = await own(() => JSON.parse(JSON.stringify(verdict))).beat();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(body);
  });

  it('has a Retry-After in whole seconds, whatever the application says', async () => {
    const wait = async (retryAfter: unknown) => {
      const verdict = { kind: 'later', reason: 'busy', retryAfter };
      const { beat } = own(() => Object.assign(JSON.parse('{}'), verdict));
      return Number((await beat()).headers.get('retry-after'));
    };
    expect(await wait(Number.NaN)).toBeGreaterThanOrEqual(2);
    expect(await wait('soon')).toBeGreaterThanOrEqual(2);
    expect(await wait(9.5)).toBeGreaterThanOrEqual(10);
    expect(await wait(9_000)).toBe(120);
  });

  it('is 503 where the headers cannot be sent', async () => {
    const broken = own(() => ({ kind: 'alive', headers: { 'Set-Cookie': 'own=a\nb' } }));
    expect((await broken.beat()).status).toBe(503);
    expect(broken.logger.lines).toHaveLength(1);
  });

  it("says everything that the contract's 200 may say", async () => {
    const left = { idleExpiresIn: 60, absoluteExpiresIn: 70, idleTimeout: 80, absoluteTimeout: 90, nextBeatIn: 20 };
    const { beat } = own(() => ({ kind: 'alive', ...left, accessTokenExpiresIn: 10, refreshed: false }));
    expect(await (await beat()).json()).toMatchObject({ ...left, accessTokenExpiresIn: 10, refreshed: false });
  });

  it('counts what is left of an access token whose end is told as an instant', async () => {
    const accessTokenExpiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const body = await (await own(() => ({ kind: 'alive', accessTokenExpiresAt })).beat()).json();
    expect(body.accessTokenExpiresAt).toBe(accessTokenExpiresAt);
    expect(body.accessTokenExpiresIn).toBeGreaterThan(3_500);
    expect(body.accessTokenExpiresIn).toBeLessThanOrEqual(3_600);
  });

  it("ends a session for a reason of the application's own, in its own word", async () => {
    const response = await own(() => ({ kind: 'over', reason: 'contract.ended' })).beat();
    expect([response.status, await response.json()]).toMatchObject([401, { reason: 'contract.ended' }]);
    expect(response.headers.get('www-authenticate')).toBe('Stillhere error="contract.ended"');
  });

  it.each(['a "quoted" word', 'two\nlines', 'x'.repeat(65), '', 7])(
    'ends a session as revoked, with a warning, if no answer can carry its reason (%j)',
    async (reason) => {
      const { beat, logger } = own(() => JSON.parse(JSON.stringify({ kind: 'over', reason })));
      const response = await beat();
      expect([response.status, await response.json()]).toMatchObject([401, { reason: 'revoked' }]);
      expect(logger.lines).toHaveLength(1);
    },
  );

  it('has no public handle that is no text', async () => {
    const identify = () => JSON.parse('{"key":"public-handles","sessionId":{"secret":1},"user":5}');
    const response = await own(() => ({ kind: 'alive' }), { identify }).beat();
    expect(await response.json()).toMatchObject({ sessionId: null, user: null });
  });

  it('is 503 where a callback answers nothing that it may answer', async () => {
    const { beat, logger } = own(() => JSON.parse('{}'));
    expect((await beat()).status).toBe(503);
    expect(logger.text()).toContain('refresh');
  });
});
