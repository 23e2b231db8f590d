import type { ErrorCode } from '../sw/protocol.js';
import type { ResolvedOptions } from './options.js';

/** What is wrong and what to do, for a developer. A chunk of its own: it is loaded on loopback hosts only. */
const TEXTS: Record<ErrorCode, (options: ResolvedOptions) => string> = {
  'endpoint-missing': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 404. Mount the server's routes there, or name the path where they are.`,
  'endpoint-forbidden': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 403. The server takes the request for another site's: check its APP_ORIGIN, and that no proxy drops X-Stillhere, Origin or Sec-Fetch-Site.`,
  'endpoint-method': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 405. It must take POST: is it the path of the beat, not of the login?`,
  'endpoint-html': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers with HTML. A fallback to index.html stands before it, or it is a login page: route it to the server.`,
  'endpoint-redirect': ({ endpoint }) =>
    `option endpoint: ${endpoint} redirects. It must answer 401 when the session is over, never a redirect: leave it out of the login guard.`,
  'endpoint-invalid': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 200 with something else than a JSON object. Any member may be missing, but it must be an object.`,
  'endpoint-refused': ({ endpoint }) =>
    `option endpoint: ${endpoint} refuses the request (400, 413 or 415). Server and page are of different versions, or a proxy changes the body.`,
  'worker-missing': ({ worker }) =>
    `option worker: ${worker} is not there. Serve dist/stillhere-sw.js at that path, or set worker: false.`,
  'worker-html': ({ worker }) =>
    `option worker: ${worker} is not JavaScript. A fallback to index.html stands before it: serve dist/stillhere-sw.js at that path.`,
  'worker-scope': ({ worker, scope }) =>
    `option scope: ${scope ?? 'the default'} is not below ${worker}. Leave scope out, or send the header Service-Worker-Allowed with the worker.`,
  'worker-build': ({ worker }) =>
    `option worker: ${worker} is of another build than this page's script. Deploy both from the same version of stillhere.`,
  'worker-blocked': ({ worker }) =>
    `option worker: the browser refuses ${worker}. Allow it in the Content-Security-Policy (worker-src 'self'; trusted-types stillhere), or set worker: false.`,
  'worker-silent': ({ worker }) =>
    `option worker: ${worker} does not answer. An application's own worker must call startKeepaliveWorker() when its script starts.`,
  protocol: ({ worker }) =>
    `option worker: ${worker} does not understand this page. Deploy both from the same version of stillhere.`,
  storage: () => 'the browser gives no storage: each tab keeps the session alive for itself.',
  'session-option': () =>
    'option session: the function threw. Return an id, null for signed out or undefined for unknown.',
  callback: () => 'a callback threw: its error is the cause of the one that onError got.',
};

/** Prints one warning that names the option and the fix. */
export function explain(code: ErrorCode, options: ResolvedOptions): void {
  // biome-ignore lint/suspicious/noConsole: a developer's warning, on loopback hosts only.
  console.warn(`[stillhere] ${code}: ${TEXTS[code](options)}`);
}
