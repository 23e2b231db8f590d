import type { ErrorCode } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';

/** Tells a developer what is wrong and how to fix it. */
const TEXTS: Record<string, (options: ResolvedOptions) => string> = {
  'endpoint-404': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 404. Mount the server's routes there, or name the path where they are.`,
  'endpoint-403': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 403. The server takes the request for another site's: check its APP_ORIGIN, and that no proxy drops X-Stillhere, Origin or Sec-Fetch-Site.`,
  'endpoint-401': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 401 with an HTML page, as a proxy does for everybody, so it ends no session. Answer 401 with a JSON object.`,
  'endpoint-405': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 405. It must take POST: is it the path of the beat, not of the login?`,
  'endpoint-html': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers with HTML. A fallback to index.html stands before it, or it is a login page: route it to the server.`,
  'endpoint-redirect': ({ endpoint }) =>
    `option endpoint: ${endpoint} redirects. It must answer 401 when the session is over, never a redirect: leave it out of the login guard.`,
  'endpoint-invalid': ({ endpoint }) =>
    `option endpoint: ${endpoint} answers 200 with something else than a JSON object. Any member may be missing, but it must be an object.`,
  'endpoint-blocked': ({ endpoint }) =>
    `option endpoint: a Content-Security-Policy blocks ${endpoint}. Allow connect-src 'self', also in the policy that the worker's script is served with.`,
  'cookie-missing': ({ cookie }) =>
    `option session: the server has confirmed a session, and there is no cookie ${cookie}. Set that cookie at login, or say who is signed in with option session; session: () => undefined if the page cannot know.`,
  'user-unknown': ({ endpoint }) =>
    `option endpoint: ${endpoint} does not say who is signed in, so the same user cannot be told from another one. Answer with the member user, the same in all sessions of a user.`,
  'worker-missing': ({ worker }) =>
    `option worker: ${worker} is not there. Serve dist/stillhere-sw.js at that path, or set worker: false.`,
  'worker-html': ({ worker }) =>
    `option worker: ${worker} is not JavaScript. A fallback to index.html stands before it: serve dist/stillhere-sw.js at that path.`,
  'worker-scope': ({ worker, scope }) =>
    `option scope: ${scope ?? 'the default'} is not below ${worker}. Leave scope out, or send the header Service-Worker-Allowed with the worker.`,
  'worker-build': ({ worker }) =>
    `option worker: ${worker} is of another build than this page's script. Deploy both from the same version of stillhere.`,
  'worker-blocked': ({ worker }) =>
    `option worker: the browser did not install ${worker}; the cause of the error is the browser's own word. If a Content-Security-Policy blocks it, allow worker-src 'self' and trusted-types stillhere. If the script fails or hangs when it starts, mend it. Or set worker: false.`,
  'worker-silent': ({ worker }) =>
    `option worker: ${worker} does not answer. An application's own worker must call startKeepaliveWorker() when its script starts.`,
  protocol: ({ worker }) =>
    `option worker: ${worker} does not understand this page. Deploy both from the same version of stillhere.`,
  storage: () => 'the browser gives no storage: each tab keeps the session alive for itself.',
  'session-option': () =>
    'option session or renderedFor: the function threw, or returned something else. Return an id, null for no user or undefined for unknown.',
  callback: () => 'a callback threw: its error is the cause of the one that onError got.',
};

const noStatus = ({ statusEndpoint, endpoint }: ResolvedOptions): string =>
  `option statusEndpoint: ${statusEndpoint} is not a status route of Stillhere's contract. If you have not named it, it was inferred from ${endpoint}. Name the right path, or null for none.`;

const refused = ({ endpoint }: ResolvedOptions): string =>
  `option endpoint: ${endpoint} refuses the request. Server and page are of different versions, or a proxy changes the body.`;

/** One sentence that names the option and the fix. */
export const explain = (code: ErrorCode, options: ResolvedOptions): string =>
  (TEXTS[code] ?? (code.startsWith('status-') ? noStatus : refused))(options);
