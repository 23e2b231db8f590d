import { createKeepalive } from '../../../client/index.js';
import { listenAlong } from '../../demo/page/listen-along.js';

const keepalive = createKeepalive(
  listenAlong({
    worker: '/own/app-worker.js',
    scope: '/own/',
    interval: 2_000,
    activeWindow: 3_000,
    minInterval: 1_000,
    activityResolution: 1_000,
    warnBefore: 0,
  }),
);
keepalive.subscribe(() => {
  const status = document.getElementById('kept-status');
  if (status) status.dataset.status = keepalive.snapshot().status;
});
keepalive.start();
