import { createHeartbeat } from 'stillhere/heartbeat';

const keyOf = (request) => /sid=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];

export const { GET, POST } = createHeartbeat({
  appOrigin: 'https://app.example',
  identify: (request) => {
    const key = keyOf(request);
    return key === undefined ? null : { key, user: 'ada' };
  },
  refresh: (_request, { activity }) => ({ kind: 'alive', idleExpiresIn: activity === 'user' ? 1_800 : 600 }),
});
