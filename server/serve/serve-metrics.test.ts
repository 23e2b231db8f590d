import { expect, it } from 'vitest';
import { PATIENCE, useReadyMadeServer } from '../testing/processes/ready-made-server.js';

const { beat, beatUntilRefreshed, expectNoSecretIn, newBrowser, newFolder, origin, provider, signIn, startServer } =
  useReadyMadeServer();

it('the ready-made server shows at METRICS_PORT what operators watch, and nothing of a session', async () => {
  const server = await startServer(newFolder(), { METRICS_PORT: '0' });
  const { metricsAddress } = await server.logged('listening');
  const metrics = async () => (await fetch(`${metricsAddress}/metrics`)).text();
  const browser = newBrowser();
  await signIn(browser);
  await beatUntilRefreshed(browser);
  await browser.send('/auth/heartbeat', { method: 'POST' });
  await browser.send('/auth/nobody-has-this');
  provider().fault({ status: 500 }, 1);
  await expect.poll(async () => (await beat(browser)) && (await metrics()), PATIENCE).toMatch(/outcome="ambiguous"} 1/);
  await browser.send('/auth/logout', { method: 'POST', headers: { Origin: origin() } });
  await beat(browser);

  const page = await metrics();
  for (const line of [
    /^stillhere_requests_total{route="heartbeat",status="200",reason=""} [1-9]/m,
    'stillhere_requests_total{route="heartbeat",status="403",reason="cross_origin"} 1\n',
    'stillhere_requests_total{route="heartbeat",status="401",reason="no_session"} 1\n',
    /^stillhere_requests_total{route="callback",status="30\d",reason=""} 1$/m,
    'stillhere_requests_total{route="other",status="404",reason=""} 1\n',
    /^stillhere_token_requests_total{outcome="granted"} [1-9]/m,
    /^stillhere_token_request_seconds_count [1-9]/m,
    'stillhere_sessions_begun_total 1\n',
    'stillhere_sessions_ended_total{reason="revoked"} 1\n',
    /^process_resident_memory_bytes [1-9]/m,
  ]) {
    expect(page).toMatch(line);
  }
  // The two have ports of their own: what faces browsers shows no metrics.
  expect((await browser.send('/metrics')).status).toBe(404);
  expect((await fetch(`${metricsAddress}/auth/session`)).status).toBe(404);
  expectNoSecretIn(page);
  expect(await server.end('SIGTERM')).toBe(0);
});
