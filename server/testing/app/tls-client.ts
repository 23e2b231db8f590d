import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';

/**
 * Sends requests over TLS to an origin with a certificate of the test's own, on connections that it
 * keeps, as a browser does.
 */
export interface TlsClient {
  request(url: string, init?: RequestInit): Promise<Response>;
  close(): void;
}

type RawHeaders = Iterable<readonly [string, string | readonly string[] | undefined]>;

function responseOf(status: number, raw: RawHeaders, body: Buffer): Response {
  const headers = new Headers();
  for (const [name, value] of raw) {
    if (value === undefined || name.startsWith(':')) continue;
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one);
  }
  return new Response([204, 304].includes(status) ? null : new Uint8Array(body), { status, headers });
}

const bodyOf = ({ body }: RequestInit): string => (body === undefined || body === null ? '' : String(body));

function headersOf(init: RequestInit): Record<string, string> {
  const headers = Object.fromEntries(new Headers(init.headers));
  if (init.body instanceof URLSearchParams) headers['content-type'] ??= 'application/x-www-form-urlencoded';
  if (init.method === 'POST') headers['content-length'] = String(Buffer.byteLength(bodyOf(init)));
  return headers;
}

/**
 * Over HTTP/1.1. A kept connection that was closed as the request left is no failure: browsers send
 * it again, on a new one.
 */
export function http1Client(ca: Buffer): TlsClient {
  const agent = new Agent({ keepAlive: true, ca });
  const send = async (url: string, init: RequestInit, isAgain: boolean): Promise<Response> => {
    const sent = request(url, { agent, method: init.method ?? 'GET', headers: headersOf(init) });
    sent.end(bodyOf(init));
    try {
      const [answer]: IncomingMessage[] = await once(sent, 'response');
      if (!answer) throw new Error('no answer');
      return responseOf(answer.statusCode ?? 0, Object.entries(answer.headers), await buffer(answer));
    } catch (error) {
      if (!sent.reusedSocket || isAgain) throw error;
      return send(url, init, true);
    }
  };
  return { request: (url, init = {}) => send(url, init, false), close: () => agent.destroy() };
}

/** Over one connection of HTTP/2. */
export function http2Client(ca: Buffer): TlsClient {
  let session: ClientHttp2Session | null = null;
  const sessionTo = (origin: string): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session;
    session = connect(origin, { ca });
    session.on('error', () => undefined);
    return session;
  };
  return {
    async request(url, init = {}) {
      const { origin, pathname, search } = new URL(url);
      const stream = sessionTo(origin).request({
        ':method': init.method ?? 'GET',
        ':path': pathname + search,
        ...headersOf(init),
      });
      // A GET has ended by itself.
      if (init.method === 'POST') stream.end(bodyOf(init));
      const [headers]: Record<string, string>[] = await once(stream, 'response');
      const { ':status': status, ...rest } = headers ?? {};
      return responseOf(Number(status), Object.entries(rest), await buffer(stream));
    },
    close: () => session?.destroy(),
  };
}
