import { Workbox } from 'workbox-window';
import { createKeepalive } from '../../../client/index.js';
import { listenAlong } from '../../demo/page/listen-along.js';

declare const APP: { version: string; isInside: boolean };

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

const keepalive = createKeepalive(
  listenAlong({
    ...(APP.isInside && { worker: '/sw.js', scope: '/' }),
    interval: 2_000,
    activeWindow: 3_000,
    minInterval: 1_000,
    activityResolution: 1_000,
    warnBefore: 0,
  }),
);
keepalive.subscribe(() => {
  element('kept-status').dataset.status = keepalive.snapshot().status;
});
keepalive.start();

// What was typed outlives the reload that brings a new version.
const text = element<HTMLTextAreaElement>('text');
text.value = sessionStorage.getItem('text') ?? '';
addEventListener('pagehide', () => sessionStorage.setItem('text', text.value));

const button = element<HTMLButtonElement>('new-version');
const workbox = new Workbox('/sw.js');
workbox.addEventListener('activated', ({ isUpdate }) => {
  if (!isUpdate) element('ready').textContent = 'ready to work offline';
});
workbox.addEventListener('waiting', () => {
  workbox.addEventListener('controlling', () => location.reload());
  button.hidden = false;
  button.onclick = () => workbox.messageSkipWaiting();
});
void workbox.register();

element('version').textContent = APP.version;
element('notes').textContent = await (await fetch('/api/notes')).text();
