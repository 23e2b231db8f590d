import { test } from '../support/own-site.js';
import { quietFor } from '../support/pace.js';
import { events } from '../support/page-log.js';
import { expect, expectStatus, signInThere, typeUntil } from '../support/test.js';

const page = (text: string, init: ResponseInit = {}): Response =>
  new Response(`<!doctype html><title>${text}</title>`, { ...init, headers: { 'Content-Type': 'text/html' } });

/**
 * Answers that may stand in the server's place, the code that each is told as (`ofCheck` if it is
 * another one for a question what is left), and the error that the developer is told of, once.
 */
const KINDS: readonly { name: string; answer: () => Response; code: string; ofCheck?: string; error: string }[] = [
  { name: 'a captive portal', answer: () => page('Free Wi-Fi'), code: 'html', error: 'endpoint-html' },
  {
    name: 'a login guard that redirects',
    answer: () => new Response(null, { status: 302, headers: { Location: '/small/other' } }),
    code: 'redirect',
    error: 'endpoint-redirect',
  },
  {
    name: 'JSON that is cut off',
    answer: () => new Response('{"sessionId":"', { headers: { 'Content-Type': 'application/json' } }),
    code: 'invalid',
    error: 'endpoint-invalid',
  },
  {
    name: 'a refusal by a server of another version',
    answer: () => Response.json({ v: 2, problem: 'unsupported' }, { status: 400 }),
    code: 'http-400',
    error: 'endpoint-400',
  },
  {
    name: 'an answer of another version',
    answer: () => Response.json({ v: 2, session: { left: 5 }, idleExpiresIn: '5 s' }),
    code: 'ok',
    ofCheck: 'empty',
    error: 'status-empty',
  },
];

test('what is no answer about the session ends none, is told once, and the session goes on when it is over @chromium-only', async ({
  page: tab,
  server,
  site,
  between,
}) => {
  await signInThere(tab, site.url);
  const errors = async () => (await events(tab, 'error')).map(({ code }) => code);
  const codes = async () => (await events(tab, 'answer')).map(({ code }) => code);
  const told: string[] = [];
  for (const { name, answer, code, ofCheck = code, error } of KINDS) {
    await test.step(name, async () => {
      // All that was answered is told.
      await expect.poll(async () => (await codes()).length).toBe(server.beats.length + server.checks.length);
      // Nothing is refused for having come too soon after another: an attempt a second may leave.
      await expect.poll(() => quietFor(server)).toBeGreaterThan(1_500);
      const known = (await codes()).length;
      const before = server.beats.length;
      between.stand(answer);
      // A question what is left, and a beat when the pace allows.
      const outcome = await tab.evaluate(() => window.smallApp.keepalive.check());
      expect(outcome).toBe('unavailable');
      await typeUntil(tab, () => server.beats.length > before && Boolean(server.beats.at(-1)?.answer));
      // More beats may leave before the way is free again.
      await expect.poll(async () => (await codes()).slice(known, known + 2)).toEqual([ofCheck, code]);
      told.push(error);
      await expect.poll(errors).toEqual(told);
      await expectStatus(tab, 'active');

      between.stand(null);
      await typeUntil(tab, () => server.beats.at(-1)?.answer?.body.nextBeatIn === 2);
      await expectStatus(tab, 'active');
    });
  }
  expect(await errors()).toEqual(told);
  expect(await events(tab, 'end')).toEqual([]);
});
