import { describe, expect, it } from 'vitest';
import { createKeyRing } from '../record/key-ring.js';
import { KEY, ORIGIN } from '../testing/app/app-under-test.js';
import { openAttempt, sealAttempt } from './login-attempt.js';

describe('login attempts', () => {
  const attempt = { nonce: 'n', verifier: 'v', returnTo: `${ORIGIN}/`, fresh: false };
  const now = (): number => Math.floor(Date.now() / 1_000);

  it('open under any key of the ring', async () => {
    const { state, cookie } = await sealAttempt(createKeyRing([KEY]), { ...attempt, startedAt: now() });
    const other = Buffer.alloc(32, 9).toString('base64url');
    expect(await openAttempt(createKeyRing([other, KEY]), state, cookie)).toMatchObject({ ...attempt, isOwn: true });
    expect(await openAttempt(createKeyRing([other]), state, cookie)).toBeNull();
  });

  it('do not open when they are older than ten minutes, or no seal at all', async () => {
    const ring = createKeyRing([KEY]);
    const { state, cookie } = await sealAttempt(ring, { ...attempt, startedAt: now() - 601 });
    expect(await openAttempt(ring, state, cookie)).toBeNull();
    for (const forged of ['a.b', '']) expect(await openAttempt(ring, forged, cookie)).toBeNull();
  });

  it("are another browser's without the cookie, or with another one", async () => {
    const ring = createKeyRing([KEY]);
    const { state } = await sealAttempt(ring, { ...attempt, startedAt: now() });
    const { cookie: foreign } = await sealAttempt(ring, { ...attempt, startedAt: now() });
    for (const cookie of [null, '', foreign])
      expect(await openAttempt(ring, state, cookie)).toMatchObject({ isOwn: false });
  });

  it('keep the verifier from whoever reads the address (PKCE)', async () => {
    const { state } = await sealAttempt(createKeyRing([KEY]), { ...attempt, verifier: 'verifier', startedAt: now() });
    for (const part of state.split('.')) expect(Buffer.from(part, 'base64url').toString()).not.toContain('verifier');
  });
});
