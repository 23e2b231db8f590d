import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { Hono } from 'hono';
import { listen } from '../../serve/listen.js';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * Serves an app at a socket. `ask` sends the headers exactly as given: `fetch` would refuse or
 * change some of them.
 */
export async function serveApp(app: Hono) {
  const listener = await listen(app, 'PORT', 0, '127.0.0.1');
  const { hostname, port } = new URL(listener.address);

  async function ask(
    path: string,
    { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
  ): Promise<RawAnswer> {
    const asking = request({ agent: false, hostname, port, path, method, headers }).end(body);
    const [answer] = await once(asking, 'response');
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: text };
  }

  return { address: listener.address, ask, close: () => listener.close() };
}

export type ServedApp = Awaited<ReturnType<typeof serveApp>>;
