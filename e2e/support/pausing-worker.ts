import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import type { Around } from '../demo/demo.js';

const PAUSING = readFileSync(fileURLToPath(new URL('pause-at-step.js', import.meta.url)), 'utf8');

/** How far a refresh has come: each is the last line that a stopped worker has run. */
export type Step = 'attempt-saved' | 'answer-read' | 'beat-saved' | 'end-saved' | 'end-told';

/** Serves the worker that the site has, with what lets a spec pause it in front. */
export const servePausingWorker: Around = (site) => async (request) => {
  const response = await site(request);
  if (new URL(request.url).pathname !== '/auth/stillhere-sw.js') return response;
  return new Response(`${PAUSING}\n${await response.text()}`, { headers: { 'Content-Type': 'text/javascript' } });
};

/** Lets the worker that runs now pause at `step`. Returns whether it has. */
export async function pauseWorkerAt(page: Page, step: Step): Promise<() => Promise<boolean>> {
  await page.evaluate(async (pauseAt) => {
    const { dataset } = document.documentElement;
    delete dataset.paused;
    new BroadcastChannel('paused').onmessage = ({ data }) => {
      dataset.paused = data;
    };
    const [registration] = await navigator.serviceWorker.getRegistrations();
    registration?.active?.postMessage({ pauseAt });
  }, step);
  return () => page.evaluate(() => 'paused' in document.documentElement.dataset);
}
