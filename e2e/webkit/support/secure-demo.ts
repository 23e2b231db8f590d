import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { type Around, type Demo, startDemo } from '../../demo/demo.js';
import type { Fetch } from '../../demo/listen.js';
import type { DemoSettings } from '../../demo/settings.js';
import { makeCertificate } from './certificate.js';

/**
 * The demo over https: WebKitGTK drops Secure and `__Host-` cookies on http://localhost. The
 * provider stays on http, on 127.0.0.1. The certificate is the site's own word, so the browser has
 * to be told to accept it.
 */
export async function startSecureDemo(pace: Partial<DemoSettings>, around: Around): Promise<Demo> {
  let handler: Fetch = () => new Response('Starting.', { status: 503 });
  const secure = createServer(
    await makeCertificate(),
    getRequestListener((request) => handler(request)),
  );
  secure.listen(0, 'localhost');
  await once(secure, 'listening');
  const address = secure.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');

  const dataDir = await mkdtemp(join(tmpdir(), 'stillhere-webkit-'));
  const appOrigin = `https://localhost:${address.port}`;
  // On an https origin the server takes no key of its own making.
  const keys = [randomBytes(32).toString('base64url')];
  const demo = await startDemo({ ...pace, appOrigin, port: 0, dataDir, keys }, (site) => {
    handler = around(site);
    return handler;
  });
  return {
    ...demo,
    async close() {
      const closed = once(secure, 'close');
      secure.close();
      secure.closeAllConnections();
      await closed;
      await demo.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
