import { build } from 'esbuild';
import { root } from '../../tools/root.mjs';
import { openServer } from './server.mjs';

/**
 * The application's script as its own bundler would make it: the built package and its two
 * dependencies, chunks loaded when they are needed.
 */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, sourcefile: 'app.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    splitting: true,
    outdir: 'app',
    entryNames: 'app',
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return new Map(outputFiles.map(({ path, contents }) => [path.slice(path.lastIndexOf('/') + 1), contents]));
}

/**
 * The built server, one session, and an application whose page is `html`, with `script` bundled as
 * `/app/app.js`. `answer` may answer a beat instead of the server.
 *
 * @param {{ html: string, script: string, answer?: () => Response | undefined | Promise<Response |
 * undefined> }} page
 */
export async function openSite({ html, script, answer = () => undefined }) {
  const files = await bundle(script);
  /** Every beat that reached the server: when, and how it was answered. */
  const beats = [];
  const server = await openServer(1, (app, keepalive) => {
    app.use('/auth/heartbeat', async (c, next) => {
      const other = await answer();
      if (!other) await next();
      beats.push({ at: Date.now(), status: (other ?? c.res).status });
      return other;
    });
    app.route('/auth', keepalive);
    app.get('/app/:file', (c) => {
      const file = files.get(c.req.param('file'));
      return file ? c.body(file, 200, { 'Content-Type': 'text/javascript' }) : c.notFound();
    });
    app.get('/', (c) => c.html(html));
  });
  const [{ cookie, sessionId }] = server.sessions;
  const here = { domain: 'localhost', path: '/', sameSite: 'Lax' };
  return {
    origin: server.origin,
    beats,
    /** The cookies of the signed-in user, as a browser keeps them. */
    browserCookies: [
      { ...here, name: 'stillhere', value: cookie, httpOnly: true },
      { ...here, name: 'stillhere-session', value: sessionId },
    ],
    close: server.close,
  };
}
