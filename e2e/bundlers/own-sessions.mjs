import { createHeartbeat } from 'stillhere/heartbeat';

const { POST } = createHeartbeat({
  appOrigin: 'https://app.example',
  identify: () => ({ key: 'k', user: 'ada' }),
  refresh: () => ({ kind: 'alive', idleExpiresIn: 1_800 }),
});
const headers = { 'X-Stillhere': '1', Origin: 'https://app.example' };
const answer = await POST(new Request('https://app.example/api/heartbeat', { method: 'POST', headers }));
console.log(JSON.stringify([answer.status, (await answer.json()).user]));
