import { createKeepaliveApp } from 'stillhere/server';

const keepalive = createKeepaliveApp({
  appOrigin: 'https://app.example',
  oidc: { issuer: 'https://id.example', clientId: 'app' },
  keys: ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  dataDir: process.argv[2],
});
await keepalive.ready;
const headers = { 'X-Stillhere': '1', Origin: 'https://app.example' };
const answer = await keepalive.request('/heartbeat', { method: 'POST', headers });
console.log(JSON.stringify([answer.status, (await answer.json()).reason]));
await keepalive.close();
